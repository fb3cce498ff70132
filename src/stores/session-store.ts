import { type Kysely, sql } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import { lockName } from './lock-name.ts'
import type {
  NewSession,
  Renewal,
  SessionPage,
  SessionRecord,
  SessionStore,
  SessionTouch,
} from './ports/session-store.ts'
import type { Tables } from './schema.ts'
import { revokeAll, revokeSession } from './session-revocation.ts'
import { toCallerColumns, toSessionRecord, toSessionRow } from './session-rows.ts'
import { isStorable } from './storable.ts'

/** Sessions on any database that Kysely speaks to. */
export function createSessionStore(db: Kysely<Tables>): SessionStore {
  return {
    find: (id) => findSession(db, id),
    list: (page) => listSessions(db, page),
    create: (session) => inTransaction(db, (transaction) => createSession(transaction, session)),
    renew: (renewal) => inTransaction(db, (transaction) => renewSession(transaction, renewal)),
    touch: (touches) => inTransaction(db, (transaction) => touchSessions(transaction, touches)),
    revoke: (id, now) => inTransaction(db, (transaction) => revokeSession(transaction, id, now)),
    revokeAll: (choice, now) => inTransaction(db, (transaction) => revokeAll(transaction, choice, now)),
    prune: (before) => pruneSessions(db, before),
  }
}

async function findSession(db: Kysely<Tables>, id: string): Promise<SessionRecord | null> {
  if (!isStorable(id)) return null
  const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toSessionRecord(row)
}

async function listSessions(db: Kysely<Tables>, { principal, after, limit }: SessionPage): Promise<SessionRecord[]> {
  const rows = await db
    .selectFrom('sessions')
    .selectAll()
    .$if(principal !== undefined, (query) => query.where('principal', '=', principal as string))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toSessionRecord)
}

async function createSession(transaction: Kysely<Tables>, session: NewSession): Promise<void> {
  const { issuer, id } = session.caller
  // Another login of the principal waits, so that both count the other.
  await lockName(transaction, `sessions of ${JSON.stringify([issuer, id])}`)
  await transaction.insertInto('sessions').values(toSessionRow(session)).execute()
  const living = await transaction
    .selectFrom('sessions')
    .select('id')
    .where('issuer', '=', issuer)
    .where('principal', '=', id)
    .where('revoked_at', 'is', null)
    .where('ends_at', '>', session.createdAt)
    .where('id', '!=', session.id)
    .orderBy('last_seen_at', 'desc')
    .execute()
  for (const { id: oldest } of living.slice(session.maxPerPrincipal - 1)) {
    await revokeSession(transaction, oldest, session.createdAt)
  }
}

async function renewSession(transaction: Kysely<Tables>, renewal: Renewal): Promise<boolean> {
  const { digest, newId, newDigest, caller, now } = renewal
  const { numUpdatedRows } = await transaction
    .updateTable('sessions')
    .set({ id: newId, digest: newDigest, last_seen_at: now, ...(caller !== null && toCallerColumns(caller)) })
    .where('digest', '=', digest)
    .where('revoked_at', 'is', null)
    .where('ends_at', '>', now)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'session-renewed', subject: newId })
  return true
}

async function touchSessions(transaction: Kysely<Tables>, touches: readonly SessionTouch[]): Promise<void> {
  // In one order, so that two batches never wait for each other.
  for (const { digest, at } of touches.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))) {
    await transaction
      .updateTable('sessions')
      .set({ last_seen_at: at })
      .where('digest', '=', digest)
      .where('last_seen_at', '<', at)
      .execute()
  }
}

async function pruneSessions(db: Kysely<Tables>, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('sessions')
    .where((where) =>
      where.or([
        where('ends_at', '<', before),
        where('revoked_at', '<', before),
        where(sql<number>`last_seen_at + idle_ms`, '<', before),
      ]),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
