import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const keyRing: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: a migration sees tables as they were then, not as the program has them now
  async up(db: Kysely<any>) {
    await db.schema
      .createTable('key_ring')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('master_id', 'text', (column) => column.notNull())
      .addColumn('wrapped', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('retired_at', 'bigint')
      .execute()
    // One active key and one index key: the database itself sees to it.
    await db.schema
      .createIndex('key_ring_roles')
      .unique()
      .on('key_ring')
      .column('role')
      .where('role', '<>', 'retired')
      .execute()
  },
}
