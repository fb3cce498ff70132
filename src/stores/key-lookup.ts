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
  return {
    find(id) {
      if (!isStorable(id)) return null
      const rows = read<KeyRow>({ ...query, parameters: [id] })
      return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
    },
  }
}

function toOne(rows: readonly KeyRow[]): KeyRecord | null {
  return toKeyRecords(rows)[0] ?? null
}
