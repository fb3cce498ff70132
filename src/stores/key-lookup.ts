import type { CompiledQuery, Kysely } from 'kysely'
import { type KeyRow, selectKeys, toKeyRecords } from './key-rows.ts'
import type { KeyLookup, KeyRecord } from './ports/key-store.ts'
import type { Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Runs a compiled query; what answers at once makes the look-up synchronous. */
export type ReadRows = <Row>(query: CompiledQuery<Row>) => Row[] | Promise<Row[]>

/** Looks keys up the way a request needs it: one prepared statement, no promise where the database needs none. */
export function createKeyLookup(db: Kysely<Tables>, read: ReadRows): KeyLookup {
  // Compiled once: the parameters of a query by id are the id.
  const query = selectKeys(db).where('api_keys.id', '=', '').compile() as CompiledQuery<KeyRow>
  const ofDigest = db.selectFrom('api_key_secrets as named').select('named.key_id').where('named.digest', '=', '')
  const queryByDigest = selectKeys(db).where('api_keys.id', '=', ofDigest).compile() as CompiledQuery<KeyRow>

  function ask(compiled: CompiledQuery<KeyRow>, parameter: string) {
    if (!isStorable(parameter)) return null
    const rows = read<KeyRow>({ ...compiled, parameters: [parameter] })
    return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
  }

  return {
    find: (id) => ask(query, id),
    findByDigest: (digest) => ask(queryByDigest, digest),
  }
}

function toOne(rows: readonly KeyRow[]): KeyRecord | null {
  return toKeyRecords(rows)[0] ?? null
}
