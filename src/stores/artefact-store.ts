import type { Kysely } from 'kysely'
import { inTransaction } from './in-transaction.ts'
import type { ArtefactStore, GrantEnd, NewArtefact } from './ports/artefact-store.ts'
import { createRevocationStore } from './revocation-store.ts'
import type { ArtefactRow, Tables } from './schema.ts'

/** What the identity server keeps, on any database that Kysely speaks to. */
export function createArtefactStore(db: Kysely<Tables>): ArtefactStore {
  return {
    put: (artefact) => put(db, artefact),
    add: (artefact, now) => add(db, artefact, now),
    replace: (artefact, from) => replace(db, artefact, from),
    consume: (kind, digest, now) => consume(db, kind, digest, now),
    remove: async (kind, digest) =>
      void (await db.deleteFrom('artefacts').where('kind', '=', kind).where('digest', '=', digest).execute()),
    endGrant: (end) => inTransaction(db, (transaction) => endGrant(transaction, end)),
    removeEnded: (before, limit) => removeEnded(db, before, limit),
  }
}

async function put(db: Kysely<Tables>, artefact: NewArtefact): Promise<void> {
  const { consumed_at: _, ...values } = toRow(artefact)
  await db
    .insertInto('artefacts')
    .values({ ...values, consumed_at: null })
    .onConflict((conflict) => conflict.columns(['kind', 'digest']).doUpdateSet(values))
    .execute()
}

async function add(db: Kysely<Tables>, artefact: NewArtefact, now: number): Promise<boolean> {
  const row = toRow(artefact)
  const added = await db
    .insertInto('artefacts')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['kind', 'digest']).doUpdateSet(row).where('artefacts.expires_at', '<=', now),
    )
    .returning('digest')
    .executeTakeFirst()
  return added !== undefined
}

async function replace(db: Kysely<Tables>, artefact: NewArtefact, from: string): Promise<boolean> {
  const { consumed_at: _, kind, digest, ...values } = toRow(artefact)
  const { numUpdatedRows } = await db
    .updateTable('artefacts')
    .set(values)
    .where('kind', '=', kind)
    .where('digest', '=', digest)
    .where('payload', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function consume(
  db: Kysely<Tables>,
  kind: string,
  digest: string,
  now: number,
): Promise<'consumed' | 'already' | 'unknown'> {
  const { numUpdatedRows } = await db
    .updateTable('artefacts')
    .set({ consumed_at: now })
    .where('kind', '=', kind)
    .where('digest', '=', digest)
    .where('consumed_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows > 0n) return 'consumed'
  const known = await db
    .selectFrom('artefacts')
    .select('digest')
    .where('kind', '=', kind)
    .where('digest', '=', digest)
    .executeTakeFirst()
  return known === undefined ? 'unknown' : 'already'
}

async function endGrant(transaction: Kysely<Tables>, { grant, wholly, revocation }: GrantEnd): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('artefacts')
    .where('grant', '=', grant)
    .executeTakeFirstOrThrow()
  if (wholly) {
    await transaction.deleteFrom('artefacts').where('kind', '=', 'Grant').where('digest', '=', grant).execute()
  }
  if (revocation !== null) await createRevocationStore(transaction).revoke(revocation)
  return Number(numDeletedRows)
}

async function removeEnded(db: Kysely<Tables>, before: number, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('artefacts')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('kind', 'digest'),
        'in',
        selectFrom('artefacts as ended')
          .select(['ended.kind', 'ended.digest'])
          .where('ended.expires_at', '<', before)
          .orderBy('ended.expires_at')
          .limit(limit)
          .$asTuple('kind', 'digest'),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function toRow({ userCode, expiresAt, account = null, ...same }: NewArtefact): ArtefactRow {
  return { ...same, account, user_code: userCode, expires_at: expiresAt, consumed_at: null }
}
