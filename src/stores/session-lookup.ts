import type { Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { SessionLookup, SessionRecord } from './ports/session-store.ts'
import type { SessionRow, Tables } from './schema.ts'
import { toSessionRecord } from './session-rows.ts'

/** Looks sessions up the way a request needs it: no promise where the database needs none. */
export function createSessionLookup(db: Kysely<Tables>, read: ReadRows): SessionLookup {
  // Compiled once: its one parameter is the digest.
  const query = db.selectFrom('sessions').selectAll().where('digest', '=', '').compile()
  return {
    find(digest) {
      const rows = read<Selectable<SessionRow>>({ ...query, parameters: [digest] })
      return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
    },
  }
}

function toOne([row]: readonly Selectable<SessionRow>[]): SessionRecord | null {
  return row === undefined ? null : toSessionRecord(row)
}
