import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('accounts')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      // No tenant is an empty text: in a unique index every null differs from every other.
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('username', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'text')
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('attributes', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('disabled_at', 'bigint')
      .addColumn('password_changed_at', 'bigint')
      .execute()
    await db.schema.createIndex('accounts_username').unique().on('accounts').columns(['tenant', 'username']).execute()
  },
}
