import type { Kysely } from 'kysely'
import type { Tables } from '../stores/schema.ts'

/** How many things open an account by themselves: a password, passkeys, logins elsewhere. The last of them must stay. */
export async function countWaysIn(transaction: Kysely<Tables>, accountId: string): Promise<number> {
  const { passwords } = await transaction
    .selectFrom('accounts')
    .select(({ fn }) => fn.count('password_hash').as('passwords'))
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  const { passkeys } = await transaction
    .selectFrom('passkeys')
    .select(({ fn }) => fn.countAll().as('passkeys'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  const { connections } = await transaction
    .selectFrom('connections')
    .select(({ fn }) => fn.countAll().as('connections'))
    .where('account', '=', accountId)
    .executeTakeFirstOrThrow()
  return Number(passwords) + Number(passkeys) + Number(connections)
}
