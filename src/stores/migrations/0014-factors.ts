import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const factors: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('factors')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addColumn('label', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_used_at', 'bigint')
      .execute()
    await db.schema.createIndex('factors_account').on('factors').column('account').execute()
  },
}
