import type { Kysely } from 'kysely'
import { createArtefactStore } from '../stores/artefact-store.ts'
import { keepEndedLogins } from '../stores/ended-login-store.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { NewAccount } from '../stores/ports/account-store.ts'
import type { GrantsEnd, PasswordChange, PeopleStore, SessionEnd, TokenUse } from '../stores/ports/people-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditAccounts, openAudit } from './audited.ts'
import { makeFirstAccount } from './make-first-account.ts'
import { removeAccount } from './remove-account.ts'
import { isReserved } from './reserved-name.ts'
import { endEverything, endGrants } from './sign-out.ts'

/** Who the audit trail names where nobody but the person did it. */
export const itself = 'the account itself'

export function createPeopleStore(db: Kysely<Tables>, actor = itself): PeopleStore {
  return {
    ask: (token, mail) =>
      inTransaction(db, async (transaction) => {
        await createArtefactStore(transaction).put(token)
        await createMailStore(transaction).add(mail)
      }),
    signUp: (token, account) => inTransaction(db, (transaction) => signUp(transaction, actor, token, account)),
    makeFirst: (token, account) =>
      inTransaction(db, (transaction) => makeFirstAccount(transaction, actor, token, account)),
    changePassword: (change) => inTransaction(db, (transaction) => changePassword(transaction, actor, change)),
    signOut: (end) =>
      inTransaction(db, async (transaction) => {
        if (!(await auditAccounts(transaction, actor).signOut(end.accountId, end.now))) return null
        return endEverything(transaction, end, 'signed out everywhere')
      }),
    endSession: (end) => inTransaction(db, (transaction) => endSession(transaction, actor, end)),
    withdraw: (end, clientId) => inTransaction(db, (transaction) => withdraw(transaction, actor, end, clientId)),
    remove: (removal) => inTransaction(db, (transaction) => removeAccount(transaction, actor, removal)),
  }
}

async function signUp(transaction: Kysely<Tables>, actor: string, token: TokenUse, account: NewAccount) {
  if (!(await use(transaction, token, account.createdAt))) return 'ended'
  const accounts = auditAccounts(transaction, actor)
  if ((await accounts.findByUsername(account.tenant, account.username)) !== null) return 'taken'
  if (await isReserved(transaction, account)) return 'taken'
  await accounts.create(account)
  return 'done'
}

async function changePassword(transaction: Kysely<Tables>, actor: string, change: PasswordChange) {
  const { accountId, hash, mail, token, judged, now } = change
  if (token !== null && !(await use(transaction, token, now))) return 'ended'
  if (judged !== undefined && !(await isStill(transaction, accountId, judged))) return 'ended'
  if (!(await auditAccounts(transaction, actor).setPassword(accountId, hash, now))) return 'ended'
  await endEverything(transaction, change, 'the password was changed')
  if (mail !== null) await createMailStore(transaction).add(mail)
  return 'done'
}

/** By the time and not by the hash, which is made anew where it was weak. Keeps others from changing it meanwhile. */
async function isStill(
  transaction: Kysely<Tables>,
  id: string,
  { passwordChangedAt }: NonNullable<PasswordChange['judged']>,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('accounts')
    .set({ id })
    .where('id', '=', id)
    .where('password_changed_at', passwordChangedAt === null ? 'is' : '=', passwordChangedAt)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function endSession(transaction: Kysely<Tables>, actor: string, end: SessionEnd): Promise<boolean> {
  const { session, mark, accountId, now: at } = end
  await createArtefactStore(transaction).put(mark)
  const ended = await transaction
    .deleteFrom('artefacts')
    .where('kind', '=', 'Session')
    .where('digest', '=', session)
    .returning(['digest', 'payload'])
    .execute()
  if (ended.length === 0) return false
  const applications = await endGrants(transaction, end, 'the login was ended')
  await keepEndedLogins(transaction, ended, at)
  const detail = { session: session.slice(0, 24), applications }
  await openAudit(transaction).append({ at, actor, action: 'login-ended', subject: accountId, detail })
  return true
}

async function withdraw(transaction: Kysely<Tables>, actor: string, end: GrantsEnd, client: string): Promise<number> {
  const grants = await endGrants(transaction, end, 'the consent was withdrawn')
  if (grants === 0) return 0
  const { accountId: subject, now: at } = end
  await openAudit(transaction).append({ at, actor, action: 'consent-withdrawn', subject, detail: { client, grants } })
  return grants
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
