import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import { setDisabled, updateKey } from './key-changes.ts'
import { createKeyImport } from './key-import.ts'
import { addSecret, rotateKey } from './key-rotation.ts'
import { selectKeys, toKeyRecords, toNewRow } from './key-rows.ts'
import { spendUses } from './key-spending.ts'
import type { KeyPage, KeyRecord, KeyStore, KeyUse, NewKey } from './ports/key-store.ts'
import type { Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** API keys on any database that Kysely speaks to. */
export function createKeyStore(db: Kysely<Tables>): KeyStore {
  return {
    find: (id) => findKey(db, id),
    list: (page) => listKeys(db, page),
    create: (key) => inTransaction(db, (transaction) => createKey(transaction, key)),
    import: createKeyImport(db),
    update: (id, changes, now) => inTransaction(db, (transaction) => updateKey(transaction, id, changes, now)),
    setDisabled: (id, disabled, now) => inTransaction(db, (transaction) => setDisabled(transaction, id, disabled, now)),
    spend: (spendings) => inTransaction(db, (transaction) => spendUses(transaction, spendings)),
    rotate: (rotation) => inTransaction(db, (transaction) => rotateKey(transaction, rotation)),
    revoke: (id, now) => inTransaction(db, (transaction) => revokeKey(transaction, id, now)),
    remove: (id, now) => inTransaction(db, (transaction) => removeKey(transaction, id, now)),
    removeEnded: (owner, before) => removeEnded(db, owner, before),
    recordUses: (uses) => inTransaction(db, (transaction) => recordUses(transaction, uses)),
  }
}

async function findKey(db: Kysely<Tables>, id: string): Promise<KeyRecord | null> {
  if (!isStorable(id)) return null
  const rows = await selectKeys(db).where('api_keys.id', '=', id).execute()
  return toKeyRecords(rows)[0] ?? null
}

async function listKeys(db: Kysely<Tables>, page: KeyPage): Promise<KeyRecord[]> {
  const { owner, after, ends } = page
  const ids = db
    .selectFrom('api_keys')
    .select('id')
    .$if(owner !== undefined, (query) => query.where('owner', '=', owner as string))
    .$if(ends !== undefined, (query) =>
      query
        .where('expires_at', '>', ends?.after as number)
        .where('expires_at', '<=', ends?.before as number)
        .where('revoked_at', 'is', null),
    )
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(page.limit)
  const rows = await selectKeys(db).where('api_keys.id', 'in', ids).execute()
  return toKeyRecords(rows)
}

async function createKey(transaction: Kysely<Tables>, key: NewKey): Promise<void> {
  await transaction.insertInto('api_keys').values(toNewRow(key)).execute()
  await addSecret(transaction, key.id, key.digest, key.createdAt)
}

async function revokeKey(
  transaction: Kysely<Tables>,
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

async function removeKey(transaction: Kysely<Tables>, id: string, now: number): Promise<boolean> {
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

async function recordUses(transaction: Kysely<Tables>, uses: readonly KeyUse[]): Promise<void> {
  for (const { id, at } of uses) {
    await transaction
      .updateTable('api_keys')
      .set({ last_used_at: at })
      .where('id', '=', id)
      .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
      .execute()
  }
}
