import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const apiKeys: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('tenant', 'text')
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('cidrs', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute()
    await db.schema.createIndex('api_keys_owner').on('api_keys').columns(['owner', 'id']).execute()
    await db.schema
      .createTable('api_key_secrets')
      .addColumn('digest', 'text', (column) => column.notNull().primaryKey())
      .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id').onDelete('cascade'))
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('api_key_secrets_key')
      .unique()
      .on('api_key_secrets')
      .columns(['key_id', 'generation'])
      .execute()
  },
}
