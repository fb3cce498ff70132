import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const changes: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: a migration sees tables as they were then, not as the program has them now
  async up(db: Kysely<any>) {
    await db.schema
      .createTable('changes')
      .addColumn('position', 'bigint', (column) => column.notNull().primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('topic', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('change_position')
      .addColumn('id', 'integer', (column) => column.notNull().primaryKey())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .execute()
    await db.insertInto('change_position').values({ id: 1, position: 0 }).execute()
  },
}
