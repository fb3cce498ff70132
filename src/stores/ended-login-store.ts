import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import type { EndedLogin, EndedLoginStore } from './ports/ended-login-store.ts'
import type { Tables } from './schema.ts'

/** A gateway that is down for a night tells of it in the morning; a day later, clients have noticed by themselves. */
const toldForMs = 86_400_000

/** Logins that were ended, on any database that Kysely speaks to. */
export function createEndedLoginStore(db: Kysely<Tables>): EndedLoginStore {
  return {
    keep: (login, now) => inTransaction(db, (transaction) => keepEndedLogins(transaction, [login], now)),
    take: (now, forMs, limit) => take(db, now, forMs, limit),
    remove: async (digest) => void (await db.deleteFrom('ended_logins').where('digest', '=', digest).execute()),
    postpone: async (digest, payload, until) =>
      void (await db
        .updateTable('ended_logins')
        .set({ payload, next_at: until })
        .where('digest', '=', digest)
        .execute()),
  }
}

/** Keeps sessions that end in this transaction, so that a gateway tells of them; each of them looks at once. */
export async function keepEndedLogins(
  transaction: Kysely<Tables>,
  sessions: readonly Pick<EndedLogin, 'digest' | 'payload'>[],
  now: number,
): Promise<void> {
  for (const { digest, payload } of sessions) {
    const values = { payload, attempts: 0, next_at: now, expires_at: now + toldForMs }
    await transaction
      .insertInto('ended_logins')
      .values({ digest, ...values })
      .onConflict((conflict) => conflict.column('digest').doUpdateSet(values))
      .execute()
  }
  if (sessions.length > 0)
    await appendChange(transaction, { at: now, topic: 'logins-ended', subject: `${sessions.length}` })
}

async function take(db: Kysely<Tables>, now: number, forMs: number, limit: number): Promise<EndedLogin[]> {
  // Looked for first: most of the time there is nothing, and looking keeps nobody from writing.
  const due = await db
    .selectFrom('ended_logins')
    .select('digest')
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .limit(limit)
    .execute()
  if (due.length === 0) return []
  const rows = await db
    .updateTable('ended_logins')
    .set(({ eb }) => ({ next_at: now + forMs, attempts: eb('attempts', '+', 1) }))
    .where(
      'digest',
      'in',
      due.map(({ digest }) => digest),
    )
    .where('next_at', '<=', now)
    .returningAll()
    .execute()
  return rows.map(({ digest, payload, attempts, expires_at }) => ({
    digest,
    payload,
    attempts: Number(attempts),
    expiresAt: Number(expires_at),
  }))
}
