import type { Kysely } from 'kysely'
import type { MailStore, NewMail, WaitingMail } from './ports/mail-store.ts'
import { StoreError } from './ports/store-error.ts'
import type { Tables } from './schema.ts'

/** A mail server that is away for a day, with as many people as come in it. */
const maxWaiting = 10_000

/** Mails that wait, on any database that Kysely speaks to. */
export function createMailStore(db: Kysely<Tables>): MailStore {
  return {
    add: (mail) => add(db, mail),
    take: (now, forMs, limit) => take(db, now, forMs, limit),
    remove: async (id) => void (await db.deleteFrom('mails').where('id', '=', id).execute()),
    postpone: async (id, until) =>
      void (await db.updateTable('mails').set({ next_at: until }).where('id', '=', id).execute()),
    count: () => count(db),
  }
}

async function add(db: Kysely<Tables>, { id, payload, at, expiresAt }: NewMail): Promise<void> {
  if ((await count(db)) >= maxWaiting) {
    throw new StoreError('overloaded', `${maxWaiting} mails wait already: is the mail server away?`)
  }
  await db.insertInto('mails').values({ id, payload, attempts: 0, next_at: at, expires_at: expiresAt }).execute()
}

async function take(db: Kysely<Tables>, now: number, forMs: number, limit: number): Promise<WaitingMail[]> {
  // Looked for first: most of the time there is nothing, and looking keeps nobody from writing.
  const due = await db
    .selectFrom('mails')
    .select('id')
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .limit(limit)
    .execute()
  if (due.length === 0) return []
  const rows = await db
    .updateTable('mails')
    .set(({ eb }) => ({ next_at: now + forMs, attempts: eb('attempts', '+', 1) }))
    .where(
      'id',
      'in',
      due.map(({ id }) => id),
    )
    .where('next_at', '<=', now)
    .returningAll()
    .execute()
  return rows.map(({ id, payload, attempts, expires_at }) => ({
    id,
    payload,
    attempts: Number(attempts),
    expiresAt: Number(expires_at),
  }))
}

async function count(db: Kysely<Tables>): Promise<number> {
  const { waiting } = await db
    .selectFrom('mails')
    .select(({ fn }) => fn.countAll().as('waiting'))
    .executeTakeFirstOrThrow()
  return Number(waiting)
}
