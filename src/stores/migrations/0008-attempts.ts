import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const attempts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('attempts')
      .addColumn('key', 'text', (column) => column.notNull().primaryKey())
      .addColumn('account', 'text')
      .addColumn('drained_at', 'bigint', (column) => column.notNull())
      .addColumn('locked_until', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('attempts_drained').on('attempts').column('drained_at').execute()
    await db.schema.createIndex('attempts_account').on('attempts').column('account').execute()
    await db.schema
      .createTable('known_clients')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('client', 'text', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('known_clients_key', ['account', 'client'])
      .execute()
    await db.schema.createIndex('known_clients_seen').on('known_clients').column('seen_at').execute()
    await db.schema
      .createTable('attempt_secret')
      .addColumn('id', 'integer', (column) => column.notNull().primaryKey())
      .addColumn('secret', 'text', (column) => column.notNull())
      .execute()
  },
}
