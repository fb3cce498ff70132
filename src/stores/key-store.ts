import type { Kysely, Transaction } from 'kysely'
import { appendChange } from './changes.ts'
import { addSecret, rotateKey } from './key-rotation.ts'
import { selectKeys, toKeyRecords } from './key-rows.ts'
import type { KeyPage, KeyRecord, KeyStore, KeyUse, NewKey } from './ports/key-store.ts'
import type { Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** API keys on any database that Kysely speaks to. */
export function createKeyStore(db: Kysely<Tables>): KeyStore {
  return {
    find: (id) => findKey(db, id),
    list: (page) => listKeys(db, page),
    create: (key) => db.transaction().execute((transaction) => createKey(transaction, key)),
    rotate: (rotation) => db.transaction().execute((transaction) => rotateKey(transaction, rotation)),
    revoke: (id, now) => db.transaction().execute((transaction) => revokeKey(transaction, id, now)),
    remove: (id, now) => db.transaction().execute((transaction) => removeKey(transaction, id, now)),
    removeEnded: (owner, before) => removeEnded(db, owner, before),
    recordUses: (uses) => db.transaction().execute((transaction) => recordUses(transaction, uses)),
  }
}

async function findKey(db: Kysely<Tables>, id: string): Promise<KeyRecord | null> {
  if (!isStorable(id)) return null
  const rows = await selectKeys(db).where('api_keys.id', '=', id).execute()
  return toKeyRecords(rows)[0] ?? null
}

async function listKeys(db: Kysely<Tables>, page: KeyPage): Promise<KeyRecord[]> {
  const { owner, after } = page
  const ids = db
    .selectFrom('api_keys')
    .select('id')
    .$if(owner !== undefined, (query) => query.where('owner', '=', owner as string))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(page.limit)
  const rows = await selectKeys(db).where('api_keys.id', 'in', ids).execute()
  return toKeyRecords(rows)
}

async function createKey(transaction: Transaction<Tables>, key: NewKey): Promise<void> {
  await transaction
    .insertInto('api_keys')
    .values({
      id: key.id,
      owner: key.owner,
      name: key.name,
      tenant: key.tenant,
      roles: JSON.stringify(key.roles),
      scopes: JSON.stringify(key.scopes),
      cidrs: JSON.stringify(key.cidrs),
      created_at: key.createdAt,
      expires_at: key.expiresAt,
      revoked_at: null,
      last_used_at: null,
    })
    .execute()
  await addSecret(transaction, key.id, key.digest, key.createdAt)
}

async function revokeKey(
  transaction: Transaction<Tables>,
  id: string,
  now: number,
): Promise<'revoked' | 'already' | 'unknown'> {
  const { numUpdatedRows } = await transaction
    .updateTable('api_keys')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) {
    await appendChange(transaction, { at: now, topic: 'api-key-revoked', subject: id })
    return 'revoked'
  }
  const known = await transaction.selectFrom('api_keys').select('id').where('id', '=', id).executeTakeFirst()
  return known === undefined ? 'unknown' : 'already'
}

async function removeKey(transaction: Transaction<Tables>, id: string, now: number): Promise<boolean> {
  const { numDeletedRows } = await transaction.deleteFrom('api_keys').where('id', '=', id).executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'api-key-removed', subject: id })
  return true
}

/** Ended keys are refused already, so that nobody needs to hear of it. */
async function removeEnded(db: Kysely<Tables>, owner: string, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('api_keys')
    .where('owner', '=', owner)
    .where((where) => where.or([where('expires_at', '<', before), where('revoked_at', '<', before)]))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

async function recordUses(transaction: Transaction<Tables>, uses: readonly KeyUse[]): Promise<void> {
  for (const { id, at } of uses) {
    await transaction
      .updateTable('api_keys')
      .set({ last_used_at: at })
      .where('id', '=', id)
      .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
      .execute()
  }
}
