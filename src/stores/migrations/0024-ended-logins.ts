import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const endedLogins: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('ended_logins')
      .addColumn('digest', 'text', (column) => column.notNull().primaryKey())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('next_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('ended_logins_next_at').on('ended_logins').column('next_at').execute()
  },
}
