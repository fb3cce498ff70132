import type { Kysely } from 'kysely'
import type { NewAccount } from '../stores/ports/account-store.ts'
import type { TokenUse } from '../stores/ports/people-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditAccounts } from './audited.ts'

/** Makes an account where there is none at all. Of any number of callers, on any number of machines, one does. */
export async function makeFirstAccount(
  transaction: Kysely<Tables>,
  actor: string,
  { kind, digest }: TokenUse,
  account: NewAccount,
): Promise<'done' | 'ended'> {
  // Whoever comes second waits here, and sees the account of the first then.
  await transaction
    .updateTable('change_position')
    .set((set) => ({ position: set.ref('position') }))
    .where('id', '=', 1)
    .execute()
  const token = await transaction
    .selectFrom('artefacts')
    .select('digest')
    .where('kind', '=', kind)
    .where('digest', '=', digest)
    .where('expires_at', '>', account.createdAt)
    .executeTakeFirst()
  const accounts = auditAccounts(transaction, actor)
  if (token === undefined || (await accounts.list({ limit: 1 })).length > 0) return 'ended'
  await accounts.create(account)
  // Also those that other instances have printed.
  await transaction.deleteFrom('artefacts').where('kind', '=', kind).execute()
  return 'done'
}
