import type { Kysely } from 'kysely'
import { createArtefactStore } from '../stores/artefact-store.ts'
import { createAttemptStore } from '../stores/attempt-store.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { AccountRemoval } from '../stores/ports/people-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditAccounts } from './audited.ts'
import { endEverything } from './sign-out.ts'

/** Whatever else is kept of an account, by its id: each entry removes it from one table. */
const belongings: readonly ((transaction: Kysely<Tables>, accountId: string) => Promise<unknown>)[] = [
  (transaction, id) => transaction.deleteFrom('sessions').where('principal', '=', id).execute(),
  (transaction, id) =>
    transaction.deleteFrom('role_assignments').where('kind', '=', 'principal').where('holder', '=', id).execute(),
]

/** Removes an account with everything that belongs to it. The audit trail keeps that it was there, by its id. */
export async function removeAccount(
  transaction: Kysely<Tables>,
  actor: string,
  removal: AccountRemoval,
): Promise<boolean> {
  const { accountId, nameDigests, reserved, mail, now } = removal
  const accounts = auditAccounts(transaction, actor)
  const account = await accounts.find(accountId)
  if (account === null || !(await accounts.remove(accountId, now))) return false
  await endEverything(transaction, removal, 'the account was removed')
  for (const remove of belongings) await remove(transaction, accountId)
  // Links that were mailed to its name would open an account of the same name.
  for (const digest of nameDigests) await transaction.deleteFrom('artefacts').where('account', '=', digest).execute()
  await createAttemptStore(transaction).forget(account.tenant, account.username)
  if (reserved !== null) await createArtefactStore(transaction).put(reserved)
  if (mail !== null) await createMailStore(transaction).add(mail)
  return true
}
