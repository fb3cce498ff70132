import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import type { KeyRingStore, NewRingKey, StoredRingKey } from './ports/key-ring-store.ts'
import type { KeyRingRow, Tables } from './schema.ts'

/** The key ring on any database that Kysely speaks to. */
export function createKeyRingStore(db: Kysely<Tables>): KeyRingStore {
  return {
    list: async () => (await selectRingKeys(db).execute()).map(toStoredRingKey),
    create: (keys, now) => inTransaction(db, (transaction) => createRing(transaction, keys, now)),
    rotate: (key, now) => inTransaction(db, (transaction) => rotateRing(transaction, key, now)),
    rewrap: (id, before, after, now) =>
      inTransaction(db, (transaction) => rewrapKey(transaction, id, before, after, now)),
  }
}

/** All keys, oldest first. */
export function selectRingKeys(db: Kysely<Tables>) {
  return db.selectFrom('key_ring').selectAll().orderBy('created_at').orderBy('id')
}

async function createRing(
  transaction: Kysely<Tables>,
  keys: { readonly active: NewRingKey; readonly index: NewRingKey },
  now: number,
): Promise<boolean> {
  if (await hasRing(transaction)) return false
  // First, because it keeps whoever does the same waiting, on every database.
  await appendChange(transaction, { at: now, topic: 'key-ring-created', subject: keys.active.id })
  if (await hasRing(transaction)) return false
  await insertKey(transaction, keys.index, 'index', now)
  await insertKey(transaction, keys.active, 'active', now)
  return true
}

async function rotateRing(transaction: Kysely<Tables>, key: NewRingKey, now: number): Promise<boolean> {
  if (!(await hasRing(transaction))) return false
  await appendChange(transaction, { at: now, topic: 'key-ring-rotated', subject: key.id })
  await transaction
    .updateTable('key_ring')
    .set({ role: 'retired', retired_at: now })
    .where('role', '=', 'active')
    .execute()
  await insertKey(transaction, key, 'active', now)
  return true
}

async function rewrapKey(
  transaction: Kysely<Tables>,
  id: string,
  before: string,
  after: Omit<NewRingKey, 'id'>,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('key_ring')
    .set({ master_id: after.masterId, wrapped: after.wrapped })
    .where('id', '=', id)
    .where('wrapped', '=', before)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'key-ring-rewrapped', subject: id })
  return true
}

async function hasRing(transaction: Kysely<Tables>): Promise<boolean> {
  return (await transaction.selectFrom('key_ring').select('id').limit(1).executeTakeFirst()) !== undefined
}

async function insertKey(
  transaction: Kysely<Tables>,
  { id, masterId, wrapped }: NewRingKey,
  role: 'active' | 'index',
  now: number,
): Promise<void> {
  await transaction
    .insertInto('key_ring')
    .values({ id, role, master_id: masterId, wrapped, created_at: now, retired_at: null })
    .execute()
}

export function toStoredRingKey(row: KeyRingRow): StoredRingKey {
  return {
    id: row.id,
    role: row.role as StoredRingKey['role'],
    masterId: row.master_id,
    wrapped: row.wrapped,
    createdAt: Number(row.created_at),
    retiredAt: row.retired_at === null ? null : Number(row.retired_at),
  }
}
