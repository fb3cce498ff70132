import type { Kysely, Selectable } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import type { Revocation, RevocationPage, RevocationStore } from './ports/revocation-store.ts'
import type { RevocationRow, Tables } from './schema.ts'

/** Revoked tokens on any database that Kysely speaks to. */
export function createRevocationStore(db: Kysely<Tables>): RevocationStore {
  return {
    revoke: (revocation) => inTransaction(db, (transaction) => revoke(transaction, revocation)),
    list: (page) => list(db, page),
    removeEnded: (before, limit) => removeEnded(db, before, limit),
  }
}

async function revoke(transaction: Kysely<Tables>, revocation: Revocation): Promise<'revoked' | 'already'> {
  const { issuer, value, kind, revokedAt, issuedUntil, endsAt, reason } = revocation
  const inserted = await transaction
    .insertInto('revocations')
    .values({
      issuer,
      value,
      kind,
      revoked_at: revokedAt,
      issued_until: issuedUntil,
      ends_at: endsAt,
      reason,
    })
    .onConflict((conflict) => conflict.columns(['issuer', 'value', 'kind']).doNothing())
    .returning('issuer')
    .executeTakeFirst()
  if (inserted === undefined) await widen(transaction, revocation)
  await appendChange(transaction, { at: revokedAt, topic: 'tokens-revoked', subject: `${kind} ${value} of ${issuer}` })
  return inserted === undefined ? 'already' : 'revoked'
}

async function widen(transaction: Kysely<Tables>, revocation: Revocation): Promise<void> {
  const { issuer, value, kind, issuedUntil, endsAt } = revocation
  const same = transaction
    .updateTable('revocations')
    .where('issuer', '=', issuer)
    .where('value', '=', value)
    .where('kind', '=', kind)
  await same.set({ ends_at: endsAt }).where('ends_at', '<', endsAt).execute()
  if (issuedUntil === null) return
  await same.set({ issued_until: issuedUntil }).where('issued_until', '<', issuedUntil).execute()
}

async function list(db: Kysely<Tables>, { issuer, after, limit }: RevocationPage): Promise<Revocation[]> {
  const rows = await db
    .selectFrom('revocations')
    .selectAll()
    .$if(issuer !== undefined, (query) => query.where('issuer', '=', issuer as string))
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => {
        const { issuer, value, kind } = after as NonNullable<typeof after>
        return eb(refTuple('issuer', 'value', 'kind'), '>', tuple(issuer, value, kind))
      }),
    )
    .orderBy('issuer')
    .orderBy('value')
    .orderBy('kind')
    .limit(limit)
    .execute()
  return rows.map(toRevocation)
}

async function removeEnded(db: Kysely<Tables>, before: number, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('revocations')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('issuer', 'value', 'kind'),
        'in',
        selectFrom('revocations as ended')
          .select(['ended.issuer', 'ended.value', 'ended.kind'])
          .where('ended.ends_at', '<', before)
          .limit(limit)
          .$asTuple('issuer', 'value', 'kind'),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function toRevocation(row: Selectable<RevocationRow>): Revocation {
  return {
    issuer: row.issuer,
    kind: row.kind,
    value: row.value,
    revokedAt: Number(row.revoked_at),
    issuedUntil: row.issued_until === null ? null : Number(row.issued_until),
    endsAt: Number(row.ends_at),
    reason: row.reason,
  }
}
