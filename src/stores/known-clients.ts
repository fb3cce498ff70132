import type { Kysely } from 'kysely'
import type { AttemptKeys } from './attempt-keys.ts'
import type { Tables } from './schema.ts'

/** A client that was not seen for so long is as good as new. */
const keptMs = 90 * 86_400_000
/** Of each account; whoever has it could log in from ever new addresses. */
const maxPerAccount = 20

export async function isKnownClient(
  db: Kysely<Tables>,
  { account, client }: Pick<AttemptKeys, 'account' | 'client'>,
  now: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('known_clients')
    .select('seen_at')
    .where('account', '=', account)
    .where('client', '=', client)
    .where('seen_at', '>', now - keptMs)
    .executeTakeFirst()
  return row !== undefined
}

/** Remembers where an account was logged in from, and forgets what was not seen for longest. */
export async function rememberClient(
  db: Kysely<Tables>,
  { account, client }: Pick<AttemptKeys, 'account' | 'client'>,
  now: number,
): Promise<void> {
  await db
    .insertInto('known_clients')
    .values({ account, client, seen_at: now })
    .onConflict((conflict) => conflict.columns(['account', 'client']).doUpdateSet({ seen_at: now }))
    .execute()
  const clients = await db
    .selectFrom('known_clients')
    .select('client')
    .where('account', '=', account)
    .orderBy('seen_at', 'desc')
    .limit(maxPerAccount + 10)
    .execute()
  const old = clients.slice(maxPerAccount).map((row) => row.client)
  if (old.length === 0) return
  await db.deleteFrom('known_clients').where('account', '=', account).where('client', 'in', old).execute()
}

export async function removeForgottenClients(db: Kysely<Tables>, now: number, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('known_clients')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('account', 'client'),
        'in',
        selectFrom('known_clients as old')
          .select(['old.account', 'old.client'])
          .where('old.seen_at', '<', now - keptMs)
          .limit(limit)
          .$asTuple('account', 'client'),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
