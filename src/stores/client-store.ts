import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { toClientRecord, toSecretsColumn } from './client-rows.ts'
import { inTransaction } from './in-transaction.ts'
import type { ClientPage, ClientRecord, ClientSecret, ClientStore, SecretRotation } from './ports/client-store.ts'
import { StoreError } from './ports/store-error.ts'
import type { Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Clients of the identity server on any database that Kysely speaks to. */
export function createClientStore(db: Kysely<Tables>): ClientStore {
  return {
    find: (id, tenant) => find(db, id, tenant),
    list: (page) => list(db, page),
    create: (client) => inTransaction(db, (transaction) => create(transaction, client)),
    update: (client, now) => inTransaction(db, (transaction) => update(transaction, client, now)),
    rotate: (rotation) => inTransaction(db, (transaction) => rotate(transaction, rotation)),
    remove: (id, now, tenant) => inTransaction(db, (transaction) => remove(transaction, id, now, tenant)),
  }
}

async function find(db: Kysely<Tables>, id: string, tenant = ''): Promise<ClientRecord | null> {
  if (!isStorable(id) || !isStorable(tenant)) return null
  const row = await db
    .selectFrom('oauth_clients')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? null : toClientRecord(row)
}

async function list(db: Kysely<Tables>, { tenant = '', after, limit }: ClientPage): Promise<ClientRecord[]> {
  const rows = await db
    .selectFrom('oauth_clients')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toClientRecord)
}

async function create(transaction: Kysely<Tables>, client: ClientRecord): Promise<void> {
  const { tenant = '', id, settings, secrets, createdAt } = client
  const created = await transaction
    .insertInto('oauth_clients')
    .values({
      tenant,
      id,
      settings: JSON.stringify(settings),
      secrets: toSecretsColumn(secrets),
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (created === undefined) throw new StoreError('conflict', `there is a client "${id}" already`)
  await appendChange(transaction, { at: createdAt, topic: 'client-created', subject: id })
}

async function update(
  transaction: Kysely<Tables>,
  { tenant = '', id, settings }: Pick<ClientRecord, 'tenant' | 'id' | 'settings'>,
  now: number,
): Promise<boolean> {
  if (!isStorable(id) || !isStorable(tenant)) return false
  const { numUpdatedRows } = await transaction
    .updateTable('oauth_clients')
    .set({ settings: JSON.stringify(settings) })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'client-changed', subject: id })
  return true
}

async function rotate(
  transaction: Kysely<Tables>,
  { tenant = '', id, digest, now, overlapUntil }: SecretRotation,
): Promise<'rotated' | 'public' | 'unknown'> {
  // First, because it keeps another rotation waiting, on every database.
  await appendChange(transaction, { at: now, topic: 'client-rotated', subject: id })
  const client = await find(transaction, id, tenant)
  if (client === null) return 'unknown'
  const present = client.secrets.at(-1)
  if (present === undefined) return 'public'
  const next: ClientSecret = { digest, createdAt: now, expiresAt: null }
  // Of two rotations in a row, the secret before both does not come to life again.
  const kept = overlapUntil === null ? [] : [{ ...present, expiresAt: overlapUntil }]
  await transaction
    .updateTable('oauth_clients')
    .set({ secrets: toSecretsColumn([...kept, next]) })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute()
  return 'rotated'
}

async function remove(transaction: Kysely<Tables>, id: string, now: number, tenant = ''): Promise<boolean> {
  if (!isStorable(id) || !isStorable(tenant)) return false
  const { numDeletedRows } = await transaction
    .deleteFrom('oauth_clients')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'client-removed', subject: id })
  return true
}
