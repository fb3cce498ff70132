import type { Kysely, Transaction } from 'kysely'
import { toNewRow } from './key-rows.ts'
import type { ImportConflict, ImportResult, NewKey } from './ports/key-store.ts'
import type { Tables } from './schema.ts'

/** Rows per statement: far below the number of parameters that any of the databases takes. */
const rowsPerStatement = 200

/** Adds a batch of keys, all or none. A batch that was imported before is found there and changes nothing. */
export async function importKeys(db: Kysely<Tables>, keys: readonly NewKey[]): Promise<ImportResult> {
  return db.transaction().execute(async (transaction) => {
    const { fresh, conflicts } = sort(keys, await readTaken(transaction, keys))
    if (conflicts.length > 0) return { kind: 'conflict', conflicts }
    for (const some of chunks(fresh)) {
      await transaction.insertInto('api_keys').values(some.map(toNewRow)).execute()
      await transaction
        .insertInto('api_key_secrets')
        .values(some.map((key) => toSecretRow(key)))
        .execute()
    }
    return { kind: 'imported', added: fresh.length, present: keys.length - fresh.length }
  })
}

interface Taken {
  readonly ids: Set<string>
  /** The id of the key that has a secret, by its digest. */
  readonly owners: Map<string, string>
}

async function readTaken(transaction: Transaction<Tables>, keys: readonly NewKey[]): Promise<Taken> {
  const taken: Taken = { ids: new Set(), owners: new Map() }
  for (const some of chunks(keys)) {
    const ids = await transaction
      .selectFrom('api_keys')
      .select('id')
      .where(
        'id',
        'in',
        some.map(({ id }) => id),
      )
      .execute()
    const secrets = await transaction
      .selectFrom('api_key_secrets')
      .select(['digest', 'key_id'])
      .where(
        'digest',
        'in',
        some.map(({ digest }) => digest),
      )
      .execute()
    for (const { id } of ids) taken.ids.add(id)
    for (const { digest, key_id } of secrets) taken.owners.set(digest, key_id)
  }
  return taken
}

function sort(keys: readonly NewKey[], { ids, owners }: Taken) {
  const fresh: NewKey[] = []
  const conflicts: ImportConflict[] = []
  for (const [index, key] of keys.entries()) {
    const owner = owners.get(key.digest)
    if (owner === key.id) continue
    if (owner !== undefined) conflicts.push({ index, taken: 'digest' })
    else if (ids.has(key.id)) conflicts.push({ index, taken: 'id' })
    else fresh.push(key)
    // The batch itself may name one twice.
    ids.add(key.id)
    owners.set(key.digest, owner ?? key.id)
  }
  return { fresh, conflicts }
}

function toSecretRow({ id, digest, createdAt }: NewKey) {
  return { digest, key_id: id, generation: 1, created_at: createdAt, expires_at: null }
}

function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += rowsPerStatement) yield all.slice(at, at + rowsPerStatement)
}
