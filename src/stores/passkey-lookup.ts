import type { Kysely, Selectable } from 'kysely'
import { toFactorRecord } from './factor-store.ts'
import type { ReadRows } from './key-lookup.ts'
import type { PasskeyLookup } from './ports/passkey-store.ts'
import type { FactorRow, Tables } from './schema.ts'

/** Looks passkeys up the way a request needs it: no promise where the database needs none. */
export function createPasskeyLookup(db: Kysely<Tables>, read: ReadRows): PasskeyLookup {
  const query = db.selectFrom('factors').selectAll().where('handle', '=', '').compile()
  const toOne = ([row]: readonly Selectable<FactorRow>[]) => (row === undefined ? null : toFactorRecord(row))
  return {
    findByHandle(handle) {
      const rows = read<Selectable<FactorRow>>({ ...query, parameters: [handle] })
      return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
    },
  }
}
