import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

interface Clients {
  oauth_clients: Record<(typeof columns)[number], string>
  oauth_clients_of_tenants: Record<(typeof columns)[number] | 'tenant', string>
}

const columns = ['id', 'settings', 'secrets', 'created_at'] as const

/** Clients and signing keys of the identity server belong to a tenant. Those that are there belong to none. */
export const tenants: Migration = {
  async up(db: Kysely<Clients>) {
    // The key of a table cannot be changed on SQLite: two tenants may have clients of one name.
    await db.schema
      .createTable('oauth_clients_of_tenants')
      .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('secrets', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('oauth_clients_of_tenants_key', ['tenant', 'id'])
      .execute()
    await db
      .insertInto('oauth_clients_of_tenants')
      .columns([...columns])
      .expression((query) => query.selectFrom('oauth_clients').select([...columns]))
      .execute()
    await db.schema.dropTable('oauth_clients').execute()
    await db.schema.alterTable('oauth_clients_of_tenants').renameTo('oauth_clients').execute()
    await db.schema
      .alterTable('signing_keys')
      .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
      .execute()
  },
}
