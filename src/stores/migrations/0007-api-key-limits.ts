import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a key may do beside its roles, and that it can be switched off. */
export const apiKeyLimits: Migration = {
  async up(db: Kysely<unknown>) {
    // SQLite adds one column per statement.
    await db.schema.alterTable('api_keys').addColumn('environment', 'text').execute()
    await db.schema
      .alterTable('api_keys')
      .addColumn('metadata', 'text', (column) => column.notNull().defaultTo('{}'))
      .execute()
    await db.schema.alterTable('api_keys').addColumn('disabled_at', 'bigint').execute()
    await db.schema.alterTable('api_keys').addColumn('uses_left', 'bigint').execute()
    await db.schema.alterTable('api_keys').addColumn('rate_limit', 'text').execute()
    await db.schema.alterTable('api_keys').addColumn('quota', 'text').execute()
    await db.schema.createIndex('api_keys_expiry').on('api_keys').columns(['expires_at', 'id']).execute()
  },
}
