import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const sessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('sessions')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('digest', 'text', (column) => column.notNull().unique())
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('principal', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text')
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('attributes', 'text', (column) => column.notNull())
      .addColumn('assurance', 'text')
      .addColumn('authenticated_at', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('idle_ms', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('user_agent', 'text')
      .addColumn('address', 'text')
      .addColumn('revoked_at', 'bigint')
      .execute()
    await db.schema.createIndex('sessions_principal').on('sessions').columns(['principal', 'id']).execute()
    await db.schema.createIndex('sessions_end').on('sessions').columns(['ends_at']).execute()
  },
}
