import type { Kysely } from 'kysely'
import { inTransaction } from '../stores/in-transaction.ts'
import type { AccountEnd } from '../stores/ports/people-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditAccounts } from './audited.ts'
import { endEverything } from './sign-out.ts'

/** Keeps an account out, and ends what it has begun. */
export function disableAccount(
  db: Kysely<Tables>,
  actor: string,
  end: AccountEnd,
): Promise<'disabled' | 'already' | 'unknown'> {
  return inTransaction(db, async (transaction) => {
    const result = await auditAccounts(transaction, actor).disable(end.accountId, end.now)
    if (result !== 'unknown') await endEverything(transaction, end, 'the account was disabled')
    return result
  })
}
