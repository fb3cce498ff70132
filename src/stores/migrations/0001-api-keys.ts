import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { clustered } from './clustered.ts'

export const apiKeys: Migration = {
  async up(db: Kysely<unknown>) {
    const keys = db.schema
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
    await clustered(db, keys).execute()
    await db.schema.createIndex('api_keys_owner').on('api_keys').columns(['owner', 'id']).execute()
    const secrets = db.schema
      .createTable('api_key_secrets')
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id').onDelete('cascade'))
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      // The secrets of a key stand together, because they are looked up by it.
      .addPrimaryKeyConstraint('api_key_secrets_key', ['key_id', 'generation'])
    await clustered(db, secrets).execute()
    await db.schema.createIndex('api_key_secrets_digest').unique().on('api_key_secrets').column('digest').execute()
  },
}
