import type { Kysely } from 'kysely'
import type { Tables } from '../stores/schema.ts'

/**
 * Whether taking away one passkey, or one connection with another server, would leave nothing that opens an account. Ask
 * it where the account's row is locked, so that two cannot both be the last but one.
 */
export async function isLastMeans(transaction: Kysely<Tables>, account: string): Promise<boolean> {
  const owner = await transaction
    .selectFrom('accounts')
    .select('password_hash')
    .where('id', '=', account)
    .executeTakeFirst()
  if (owner !== undefined && owner.password_hash !== null) return false
  const connections = transaction.selectFrom('connections').select('id').where('account', '=', account)
  const passkeys = transaction
    .selectFrom('factors')
    .select('id')
    .where('account', '=', account)
    .where('kind', '=', 'passkey')
  return (await connections.unionAll(passkeys).limit(2).execute()).length < 2
}
