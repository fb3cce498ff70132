import type { Kysely } from 'kysely'
import {
  type AttemptCount,
  type AttemptLimit,
  addAttempt,
  attemptLimits,
  checkAttempts,
  countAttempts,
  takeBackAttempt,
} from '../core/attempt-limits.ts'
import { type AttemptKeys, createAttemptKeys, type ToAttemptKeys } from './attempt-keys.ts'
import { inTransaction } from './in-transaction.ts'
import { isKnownClient, rememberClient, removeForgottenClients } from './known-clients.ts'
import type { AttemptKind, AttemptRefused, AttemptStore, Reserved, ReservedCount } from './ports/attempt-store.ts'
import type { Tables } from './schema.ts'

/** Ends the transaction of an attempt that is refused, so that it leaves nothing behind. */
class RefusedAttempt extends Error {
  readonly by: AttemptKind
  readonly retryAfterMs: number

  constructor(by: AttemptKind, retryAfterMs: number) {
    super(`refused by ${by}`)
    this.by = by
    this.retryAfterMs = retryAfterMs
  }
}

/** Failed attempts on any database that Kysely speaks to. */
export function createAttemptStore(db: Kysely<Tables>): AttemptStore {
  let keys: Promise<ToAttemptKeys> | null = null
  const toKeys = () => {
    keys ??= createAttemptKeys(db).catch((error: unknown) => {
      keys = null
      throw error
    })
    return keys
  }

  return {
    async reserve(attempt, now) {
      const of = (await toKeys())(attempt)
      try {
        return await inTransaction(db, (transaction) => reserve(transaction, of, now))
      } catch (error) {
        if (!(error instanceof RefusedAttempt)) throw error
        return refused(of, error)
      }
    },
    succeed: (reserved, now) =>
      inTransaction(db, async (transaction) => {
        await takeBack(transaction, reserved)
        await rememberClient(transaction, reserved, now)
      }),
    cancel: (reserved) => inTransaction(db, (transaction) => takeBack(transaction, reserved)),
    async unlock(tenant, username) {
      const { account } = (await toKeys())({ tenant, username, client: '' })
      await db.deleteFrom('attempts').where('account', '=', account).execute()
    },
    async forget(tenant, username) {
      const { account } = (await toKeys())({ tenant, username, client: '' })
      await db.deleteFrom('attempts').where('account', '=', account).execute()
      await db.deleteFrom('known_clients').where('account', '=', account).execute()
    },
    async removeEnded(now, limit) {
      return Math.max(await removeDrained(db, now, limit), await removeForgottenClients(db, now, limit))
    },
  }
}

function refused({ account }: AttemptKeys, { by, retryAfterMs }: RefusedAttempt): AttemptRefused {
  return { kind: 'refused', account, by, retryAfterMs }
}

/** Rows are taken in one order everywhere (account, client, all), so that no two attempts wait for each other. */
async function reserve(transaction: Kysely<Tables>, of: AttemptKeys, now: number): Promise<Reserved> {
  const { account, client } = of
  const known = await isKnownClient(transaction, of, now)
  const counts: ReservedCount[] = []
  const reached: AttemptKind[] = []

  async function add(kind: AttemptKind, key: string, limit: AttemptLimit, of: string | null): Promise<void> {
    const before = await lock(transaction, key, of, now)
    const retryAfterMs = checkAttempts(before, limit, now)
    if (retryAfterMs > 0) throw new RefusedAttempt(kind, retryAfterMs)
    const after = addAttempt(before, limit, now)
    await write(transaction, key, after)
    counts.push({ kind, key, lockedUntil: after.lockedUntil })
    const failures = countAttempts(after, limit, now)
    if (failures > limit.free && failures - 1 <= limit.free) reached.push(kind)
  }

  // A client that is known is judged by its own failures alone, whatever others do elsewhere.
  if (known) await add('knownClient', `k:${account}:${client}`, attemptLimits.knownClient, account)
  else {
    const failing = await countAll(transaction, of.all, now)
    const { all, client: usual, suspectedClient } = attemptLimits
    if (failing >= all.most - 1) throw new RefusedAttempt('all', all.drainMs)
    await add('account', `a:${account}`, attemptLimits.account, account)
    await add('client', `c:${client}`, failing > all.free ? suspectedClient : usual, null)
    await add('all', of.all, all, null)
  }
  return { kind: 'reserved', account, client, known, counts, reached }
}

async function countAll(db: Kysely<Tables>, key: string, now: number): Promise<number> {
  const row = await db.selectFrom('attempts').selectAll().where('key', '=', key).executeTakeFirst()
  return row === undefined ? 0 : countAttempts(toCount(row), attemptLimits.all, now)
}

/** Reads a row, making it where there is none, and keeps others from it until the transaction has ended. */
async function lock(db: Kysely<Tables>, key: string, account: string | null, now: number): Promise<AttemptCount> {
  const row = await db
    .insertInto('attempts')
    .values({ key, account, drained_at: now, locked_until: 0 })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ key }))
    .returning(['drained_at', 'locked_until'])
    .executeTakeFirstOrThrow()
  return toCount(row)
}

async function write(db: Kysely<Tables>, key: string, { drainedAt, lockedUntil }: AttemptCount): Promise<void> {
  await db
    .updateTable('attempts')
    .set({ drained_at: drainedAt, locked_until: lockedUntil })
    .where('key', '=', key)
    .execute()
}

async function takeBack(transaction: Kysely<Tables>, { counts }: Reserved): Promise<void> {
  for (const { kind, key, lockedUntil } of counts) {
    // Changes nothing, and keeps others from the row.
    const row = await transaction
      .updateTable('attempts')
      .set({ key })
      .where('key', '=', key)
      .returning(['drained_at', 'locked_until'])
      .executeTakeFirst()
    // It has drained, or somebody took the lock away.
    if (row === undefined) continue
    await write(transaction, key, takeBackAttempt(toCount(row), attemptLimits[kind], lockedUntil))
  }
}

async function removeDrained(db: Kysely<Tables>, now: number, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('attempts')
    .where('key', 'in', (query) =>
      query
        .selectFrom('attempts')
        .select('key')
        .where('drained_at', '<', now)
        .where('locked_until', '<', now)
        .limit(limit),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function toCount(row: { readonly drained_at: number | string; readonly locked_until: number | string }): AttemptCount {
  return { drainedAt: Number(row.drained_at), lockedUntil: Number(row.locked_until) }
}
