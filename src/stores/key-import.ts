import type { CompiledQuery, Kysely } from 'kysely'
import { inTransaction } from './in-transaction.ts'
import { toNewRow } from './key-rows.ts'
import type { ImportConflict, ImportResult, KeyStore, NewKey } from './ports/key-store.ts'
import type { Tables } from './schema.ts'

/** Far below the number of parameters that any of the databases takes. */
const rowsPerStatement = 200

/** Adds batches of keys, all or none. A batch that was imported before is found there and changes nothing. */
export function createKeyImport(db: Kysely<Tables>): KeyStore['import'] {
  const statements = createStatements(db)
  return (keys) =>
    inTransaction(db, async (transaction): Promise<ImportResult> => {
      const { fresh, conflicts } = sort(keys, await readTaken(transaction, statements, keys))
      if (conflicts.length > 0) return { kind: 'conflict', conflicts }
      for (const some of chunks(fresh)) {
        await transaction.executeQuery(statements.insertKeys(some.map(toNewRow)))
        await transaction.executeQuery(statements.insertSecrets(some.map(toSecretRow)))
      }
      return { kind: 'imported', added: fresh.length, present: keys.length - fresh.length }
    })
}

type Statements = ReturnType<typeof createStatements>

function createStatements(db: Kysely<Tables>) {
  const findIds = (all: readonly string[]) => db.selectFrom('api_keys').select('id').where('id', 'in', all)
  const findDigests = (all: readonly string[]) =>
    db.selectFrom('api_key_secrets').select(['digest', 'key_id']).where('digest', 'in', all)
  return {
    findIds: reuse(
      (all: readonly string[]) => findIds(all).compile(),
      (id) => [id],
    ),
    findDigests: reuse(
      (all: readonly string[]) => findDigests(all).compile(),
      (digest) => [digest],
    ),
    insertKeys: reuse(
      (rows: readonly ReturnType<typeof toNewRow>[]) => db.insertInto('api_keys').values(rows).compile(),
      Object.values,
    ),
    insertSecrets: reuse(
      (rows: readonly ReturnType<typeof toSecretRow>[]) => db.insertInto('api_key_secrets').values(rows).compile(),
      Object.values,
    ),
  }
}

/** Compiling thousands of values takes longer than running them, so a full statement is compiled once. */
function reuse<Row, Result>(
  compile: (rows: readonly Row[]) => CompiledQuery<Result>,
  toParameters: (row: Row) => readonly unknown[],
): (rows: readonly Row[]) => CompiledQuery<Result> {
  let full: CompiledQuery<Result> | null = null
  return (rows) => {
    if (rows.length !== rowsPerStatement) return compile(rows)
    full ??= compile(rows)
    return { ...full, parameters: rows.flatMap(toParameters) }
  }
}

interface Taken {
  readonly ids: Set<string>
  /** The id of the key that has a secret, by its digest. */
  readonly owners: Map<string, string>
}

async function readTaken(
  transaction: Kysely<Tables>,
  { findIds, findDigests }: Statements,
  keys: readonly NewKey[],
): Promise<Taken> {
  const taken: Taken = { ids: new Set(), owners: new Map() }
  for (const some of chunks(keys)) {
    const ids = await transaction.executeQuery(findIds(some.map(({ id }) => id)))
    const secrets = await transaction.executeQuery(findDigests(some.map(({ digest }) => digest)))
    for (const { id } of ids.rows) taken.ids.add(id)
    for (const { digest, key_id } of secrets.rows) taken.owners.set(digest, key_id)
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
