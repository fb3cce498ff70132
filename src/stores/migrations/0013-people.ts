import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const people: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('artefacts').addColumn('account', 'text').execute()
    await db.schema
      .createIndex('artefacts_account')
      .on('artefacts')
      .column('account')
      .where('account' as never, 'is not', null)
      .execute()
    await db.schema
      .createTable('mails')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('next_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('mails_next_at').on('mails').column('next_at').execute()
  },
}
