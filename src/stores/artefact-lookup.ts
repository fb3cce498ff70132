import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { Artefact, ArtefactLookup } from './ports/artefact-store.ts'
import { StoreError } from './ports/store-error.ts'
import { readTimeOrNull } from './read-columns.ts'
import type { ArtefactRow, Tables } from './schema.ts'

/** Looks artefacts up the way a request needs it: no promise where the database needs none. */
export function createArtefactLookup(db: Kysely<Tables>, read: ReadRows): ArtefactLookup {
  // Compiled once: their parameters are the kind and what is looked for.
  const all = db.selectFrom('artefacts').selectAll().where('kind', '=', '')
  const byDigest = all.where('digest', '=', '').compile()
  const byUid = all.where('uid', '=', '').compile()
  const byUserCode = all.where('user_code', '=', '').compile()

  function ask(query: CompiledQuery<Selectable<ArtefactRow>>, parameters: readonly string[]) {
    const rows = read<Selectable<ArtefactRow>>({ ...query, parameters })
    return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
  }

  return {
    find: (kind, digest) => ask(byDigest, [kind, digest]),
    findByUid: (kind, uid) => ask(byUid, [kind, uid]),
    findByUserCode: (kind, userCode) => ask(byUserCode, [kind, userCode]),
  }
}

function toOne([row]: readonly Selectable<ArtefactRow>[]): Artefact | null {
  if (row === undefined) return null
  const damaged = () => new StoreError('unusable', `a stored ${row.kind} is damaged`)
  return {
    kind: row.kind,
    digest: row.digest,
    payload: row.payload,
    grant: row.grant,
    uid: row.uid,
    userCode: row.user_code,
    expiresAt: readTimeOrNull(row.expires_at, damaged),
    consumedAt: readTimeOrNull(row.consumed_at, damaged),
  }
}
