import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const clientInvitations: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('client_invitations')
      .addColumn('digest', 'text', (column) => column.notNull().primaryKey())
      .addColumn('uses_left', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
  },
}
