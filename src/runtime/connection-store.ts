import type { Kysely } from 'kysely'
import { toConnectionRow } from '../stores/connection-rows.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import type { NewAccount } from '../stores/ports/account-store.ts'
import type { Connection, ConnectionStore, ConnectionUse } from '../stores/ports/connection-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditAccounts, openAudit } from './audited.ts'
import { isLastMeans } from './means-of-login.ts'
import { isReserved } from './reserved-name.ts'

/** Who the audit trail names: nobody but the person did it. */
const actor = 'the account itself'

export function createConnectionStore(db: Kysely<Tables>): ConnectionStore {
  return {
    signUp: (account, connection) => inTransaction(db, (transaction) => signUp(transaction, account, connection)),
    connect: (connection) => inTransaction(db, (transaction) => connect(transaction, connection)),
    use: (use) => inTransaction(db, (transaction) => note(transaction, use)),
    disconnect: (accountId, id, now) => inTransaction(db, (transaction) => disconnect(transaction, accountId, id, now)),
  }
}

async function signUp(transaction: Kysely<Tables>, account: NewAccount, connection: Connection) {
  // First of all, so that of two at the same time one waits here for the other, and finds what it has made.
  if (!(await insert(transaction, connection))) return 'taken'
  const accounts = auditAccounts(transaction, actor)
  const isTaken = (await accounts.findByUsername(account.tenant, account.username)) !== null
  if (isTaken || (await isReserved(transaction, account))) {
    await transaction.deleteFrom('connections').where('id', '=', connection.id).execute()
    return isTaken ? 'taken' : 'reserved'
  }
  await accounts.create(account)
  await tell(transaction, 'account-connected', connection.createdAt, connection)
  return 'done'
}

async function connect(transaction: Kysely<Tables>, connection: Connection) {
  if (!(await lock(transaction, connection.accountId))) return 'unknown'
  if (await insert(transaction, connection)) {
    await tell(transaction, 'account-connected', connection.createdAt, connection)
    return 'done'
  }
  const { tenant, issuer, subject } = connection
  const { account } = await transaction
    .selectFrom('connections')
    .select('account')
    .where('tenant', '=', tenant ?? '')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirstOrThrow()
  return account === connection.accountId ? 'already' : 'taken'
}

async function note(transaction: Kysely<Tables>, { id, provider, email, roles, now }: ConnectionUse): Promise<void> {
  const before = await transaction
    .selectFrom('connections')
    .select(['account', 'issuer', 'roles'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (before === undefined) return
  const values = { provider, email, roles: JSON.stringify(roles), used_at: now }
  await transaction.updateTable('connections').set(values).where('id', '=', id).execute()
  if (before.roles === values.roles) return
  const detail = { provider, issuer: before.issuer, roles }
  await openAudit(transaction).append({
    at: now,
    actor: `the provider ${provider}`,
    action: 'account-roles-mapped',
    subject: before.account,
    detail,
  })
}

async function disconnect(transaction: Kysely<Tables>, accountId: string, id: string, now: number) {
  // Two at the same time would each leave the other's for the last one.
  if (!(await lock(transaction, accountId))) return 'unknown'
  const all = await transaction.selectFrom('connections').selectAll().where('account', '=', accountId).execute()
  const found = all.find((one) => one.id === id)
  if (found === undefined) return 'unknown'
  if (await isLastMeans(transaction, accountId)) return 'last'
  await transaction.deleteFrom('connections').where('id', '=', id).execute()
  await tell(transaction, 'account-disconnected', now, { ...found, accountId })
  return 'done'
}

async function insert(transaction: Kysely<Tables>, connection: Connection): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await transaction
    .insertInto('connections')
    .values(toConnectionRow(connection))
    .onConflict((conflict) => conflict.columns(['tenant', 'issuer', 'subject']).doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows > 0n
}

/** Keeps everybody else from this account until the end of the transaction; false where there is none. */
async function lock(transaction: Kysely<Tables>, accountId: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('accounts')
    .set({ id: accountId })
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

function tell(
  transaction: Kysely<Tables>,
  action: string,
  at: number,
  { accountId, provider, issuer, subject }: Pick<Connection, 'accountId' | 'provider' | 'issuer' | 'subject'>,
) {
  const detail = { provider, issuer, subject }
  return openAudit(transaction).append({ at, actor, action, subject: accountId, detail })
}
