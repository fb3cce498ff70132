import type { Kysely } from 'kysely'
import { addFactor } from '../stores/factor-store.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import { createMailStore } from '../stores/mail-store.ts'
import {
  type FactorAddition,
  type FactorChanges,
  type FactorRemoval,
  maxFactors,
  type NewFactor,
} from '../stores/ports/factor-store.ts'
import type { NewMail } from '../stores/ports/mail-store.ts'
import type { Tables } from '../stores/schema.ts'
import { openAudit } from './audited.ts'

/** @param actor whom the audit trail names; by default nobody but the person did it */
export function createFactorChanges(db: Kysely<Tables>, actor = 'the account itself'): FactorChanges {
  return {
    add: (addition) => inTransaction(db, (transaction) => add(transaction, actor, addition)),
    remove: (removal) => inTransaction(db, (transaction) => remove(transaction, actor, removal)),
    replaceRecovery: (factor, mail) =>
      inTransaction(db, async (transaction) => {
        await replaceRecovery(transaction, factor)
        await tell(transaction, actor, factor, 'recovery-codes-made', {}, mail)
      }),
  }
}

async function add(transaction: Kysely<Tables>, actor: string, addition: FactorAddition) {
  const { factor, recovery, enrolment, mail, now } = addition
  const { kind, label, account } = factor
  // Changes nothing, and keeps others from adding meanwhile; one that was removed gets nothing.
  const owner = await transaction
    .updateTable('accounts')
    .set({ id: account })
    .where('id', '=', account)
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (owner.numUpdatedRows === 0n) return 'ended'
  const { held } = await transaction
    .selectFrom('factors')
    .select(({ fn }) => fn.countAll().as('held'))
    .where('account', '=', account)
    .where('kind', '!=', 'passkey')
    .executeTakeFirstOrThrow()
  if (Number(held) >= maxFactors) return 'full'
  const begun = await transaction
    .deleteFrom('artefacts')
    .where('kind', '=', enrolment.kind)
    .where('digest', '=', enrolment.digest)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  if (begun.numDeletedRows === 0n) return 'ended'
  await addFactor(transaction, factor)
  if (recovery !== null) await replaceRecovery(transaction, recovery)
  await tell(transaction, actor, { account, createdAt: now }, 'factor-added', { kind, label }, mail)
  return 'done'
}

async function remove(transaction: Kysely<Tables>, actor: string, removal: FactorRemoval): Promise<number> {
  const { account, id, accountDigest, mail, now } = removal
  const removed = await transaction
    .deleteFrom('factors')
    .where('account', '=', account)
    // A passkey may be what opens the account last: see its own store. Whoever has lost everything has lost those as well.
    .$if(id !== null, (query) => query.where('id', '=', id as string).where('kind', '!=', 'passkey'))
    .returning(['kind', 'label'])
    .execute()
  if (removed.length === 0) return 0
  await transaction
    .deleteFrom('artefacts')
    .where('account', '=', accountDigest)
    .where('kind', '=', 'RememberedDevice')
    .execute()
  const action = id === null ? 'factors-reset' : 'factor-removed'
  await tell(transaction, actor, { account, createdAt: now }, action, { factors: removed }, mail)
  return removed.length
}

async function replaceRecovery(transaction: Kysely<Tables>, factor: NewFactor): Promise<void> {
  await transaction.deleteFrom('factors').where('account', '=', factor.account).where('kind', '=', 'recovery').execute()
  await addFactor(transaction, factor)
}

async function tell(
  transaction: Kysely<Tables>,
  actor: string,
  { account: subject, createdAt: at }: Pick<NewFactor, 'account' | 'createdAt'>,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  mail: NewMail | null,
): Promise<void> {
  await openAudit(transaction).append({ at, actor, action, subject, detail })
  if (mail !== null) await createMailStore(transaction).add(mail)
}
