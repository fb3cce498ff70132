import type { Kysely } from 'kysely'
import { createArtefactStore } from '../stores/artefact-store.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { NewAccount } from '../stores/ports/account-store.ts'
import type { PasswordChange, PeopleStore, TokenUse } from '../stores/ports/people-store.ts'
import { createRevocationStore } from '../stores/revocation-store.ts'
import type { Tables } from '../stores/schema.ts'
import { createSessionStore } from '../stores/session-store.ts'
import { auditAccounts } from './audited.ts'

/** Who the audit trail names: nobody but the person did it. */
const actor = 'the account itself'

export function createPeopleStore(db: Kysely<Tables>): PeopleStore {
  return {
    ask: (token, mail) =>
      inTransaction(db, async (transaction) => {
        await createArtefactStore(transaction).put(token)
        await createMailStore(transaction).add(mail)
      }),
    signUp: (token, account) => inTransaction(db, (transaction) => signUp(transaction, token, account)),
    changePassword: (change) => inTransaction(db, (transaction) => changePassword(transaction, change)),
  }
}

async function signUp(transaction: Kysely<Tables>, token: TokenUse, account: NewAccount) {
  if (!(await use(transaction, token, account.createdAt))) return 'ended'
  const accounts = auditAccounts(transaction, actor)
  if ((await accounts.findByUsername(account.tenant, account.username)) !== null) return 'taken'
  await accounts.create(account)
  return 'done'
}

async function changePassword(transaction: Kysely<Tables>, change: PasswordChange) {
  const { accountId, hash, accountDigest, revocation, mail, token, now } = change
  if (token !== null && !(await use(transaction, token, now))) return 'ended'
  if (!(await auditAccounts(transaction, actor).setPassword(accountId, hash, now))) return 'ended'
  await transaction.deleteFrom('artefacts').where('account', '=', accountDigest).execute()
  await createSessionStore(transaction).revokeAll({ principal: accountId }, now)
  await createRevocationStore(transaction).revoke(revocation)
  if (mail !== null) await createMailStore(transaction).add(mail)
  return 'done'
}

/** What has ended is kept for a while, and must not be used then. */
async function use(transaction: Kysely<Tables>, { kind, digest }: TokenUse, now: number): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('artefacts')
    .set({ consumed_at: now })
    .where('kind', '=', kind)
    .where('digest', '=', digest)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
