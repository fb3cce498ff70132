import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const audit: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: a migration sees tables as they were then, not as the program has them now
  async up(db: Kysely<any>) {
    await db.schema
      .createTable('audit_events')
      .addColumn('position', 'bigint', (column) => column.notNull().primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('audit_events_at').on('audit_events').columns(['at']).execute()
    await db.schema
      .createTable('audit_position')
      .addColumn('id', 'integer', (column) => column.notNull().primaryKey())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .execute()
    await db.insertInto('audit_position').values({ id: 1, position: 0 }).execute()
  },
}
