import type { Kysely, Selectable } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import type { ReadRows } from './key-lookup.ts'
import type { SigningKeyLookup, SigningKeyRecord, SigningKeyStore } from './ports/signing-key-store.ts'
import { StoreError } from './ports/store-error.ts'
import { readTime } from './read-columns.ts'
import type { SigningKeyRow, Tables } from './schema.ts'

/** Signing keys on any database that Kysely speaks to. */
export function createSigningKeyStore(db: Kysely<Tables>): SigningKeyStore {
  return {
    add: (key, after) => inTransaction(db, (transaction) => addKey(transaction, key, after)),
    remove: (id, now) => inTransaction(db, (transaction) => removeKey(transaction, id, now)),
  }
}

export function createSigningKeyLookup(db: Kysely<Tables>, read: ReadRows): SigningKeyLookup {
  const query = db
    .selectFrom('signing_keys')
    .selectAll()
    .where('tenant', '=', '')
    .orderBy('signs_from')
    .orderBy('id')
    .compile()
  return {
    list(tenant = '') {
      const rows = read<Selectable<SigningKeyRow>>({ ...query, parameters: [tenant] })
      return rows instanceof Promise ? rows.then((all) => all.map(toRecord)) : rows.map(toRecord)
    },
  }
}

async function addKey(transaction: Kysely<Tables>, key: SigningKeyRecord, after: string | null): Promise<boolean> {
  const { tenant = '' } = key
  if ((await newest(transaction, tenant)) !== after) return false
  // Before the second look, because it keeps whoever does the same waiting, on every database.
  await appendChange(transaction, { at: key.createdAt, topic: 'signing-key-added', subject: key.id })
  if ((await newest(transaction, tenant)) !== after) return false
  const { id, publicKey, sealed, createdAt, signsFrom } = key
  await transaction
    .insertInto('signing_keys')
    .values({ tenant, id, public_key: publicKey, sealed, created_at: createdAt, signs_from: signsFrom })
    .execute()
  return true
}

async function newest(transaction: Kysely<Tables>, tenant: string): Promise<string | null> {
  const row = await transaction
    .selectFrom('signing_keys')
    .select('id')
    .where('tenant', '=', tenant)
    .orderBy('signs_from', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

async function removeKey(transaction: Kysely<Tables>, id: string, now: number): Promise<boolean> {
  const { numDeletedRows } = await transaction.deleteFrom('signing_keys').where('id', '=', id).executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'signing-key-removed', subject: id })
  return true
}

function toRecord(row: Selectable<SigningKeyRow>): SigningKeyRecord {
  const damaged = () => new StoreError('unusable', `the stored signing key ${row.id} is damaged`)
  return {
    id: row.id,
    ...(row.tenant !== '' && { tenant: row.tenant }),
    publicKey: row.public_key,
    sealed: row.sealed,
    createdAt: readTime(row.created_at, damaged),
    signsFrom: readTime(row.signs_from, damaged),
  }
}
