import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { Artefact, ArtefactLookup } from './ports/artefact-store.ts'
import { StoreError } from './ports/store-error.ts'
import { readTimeOrNull } from './read-columns.ts'
import type { ArtefactRow, Tables } from './schema.ts'

/** More than anybody has of a kind; pages show no more either. */
const maxListed = 500

/** Looks artefacts up the way a request needs it: no promise where the database needs none. */
export function createArtefactLookup(db: Kysely<Tables>, read: ReadRows): ArtefactLookup {
  // Compiled once: their parameters are the kind and what is looked for.
  const all = db.selectFrom('artefacts').selectAll().where('kind', '=', '')
  const byDigest = all.where('digest', '=', '').compile()
  const byUid = all.where('uid', '=', '').compile()
  const byUserCode = all.where('user_code', '=', '').compile()
  const byAccount = all.where('account', '=', '').limit(maxListed).compile()

  function ask(query: CompiledQuery<Selectable<ArtefactRow>>, parameters: readonly string[]) {
    const rows = read<Selectable<ArtefactRow>>({ ...query, parameters })
    return rows instanceof Promise ? rows.then(toFirst) : toFirst(rows)
  }

  return {
    find: (kind, digest) => ask(byDigest, [kind, digest]),
    findByUid: (kind, uid) => ask(byUid, [kind, uid]),
    findByUserCode: (kind, userCode) => ask(byUserCode, [kind, userCode]),
    listOf(kind, account) {
      const rows = read<Selectable<ArtefactRow>>({ ...byAccount, parameters: [kind, account, maxListed] })
      return rows instanceof Promise ? rows.then((all) => all.map(toArtefact)) : rows.map(toArtefact)
    },
  }
}

/** The one whose digest begins so, for who administers it; null where there is none, or more than one. */
export async function findByBeginning(db: Kysely<Tables>, kind: string, beginning: string): Promise<Artefact | null> {
  const rows = await db
    .selectFrom('artefacts')
    .selectAll()
    .where('kind', '=', kind)
    .where('digest', '>=', beginning)
    // Digests are hex: the next character that is none ends what begins so.
    .where('digest', '<', `${beginning}g`)
    .limit(2)
    .execute()
  return rows.length === 1 ? toFirst(rows) : null
}

function toFirst([row]: readonly Selectable<ArtefactRow>[]): Artefact | null {
  return row === undefined ? null : toArtefact(row)
}

function toArtefact(row: Selectable<ArtefactRow>): Artefact {
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
