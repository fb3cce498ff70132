import type { Kysely } from 'kysely'
import { digestSecret } from '../crypto/digest.ts'
import { appendChange } from '../stores/changes.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { NewMail } from '../stores/ports/mail-store.ts'
import { maxPasskeys, type NewPasskeyFactor, type PasskeyStore } from '../stores/ports/passkey-store.ts'
import type { Tables } from '../stores/schema.ts'
import { openAudit } from './audited.ts'
import { isLastMeans } from './means-of-login.ts'

/** Who the audit trail names: nobody but the person did it. */
const actor = 'the account itself'

export function createPasskeyStore(db: Kysely<Tables>): PasskeyStore {
  return {
    add: (passkey, mail) => inTransaction(db, (transaction) => add(transaction, passkey, mail)),
    rename: async (account, id, label) => {
      const { numUpdatedRows } = await db
        .updateTable('factors')
        .set({ label })
        .where('id', '=', id)
        .where('account', '=', account)
        .where('kind', '=', 'passkey')
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
    remove: (account, id, mail, now) => inTransaction(db, (transaction) => remove(transaction, account, id, mail, now)),
  }
}

async function add(transaction: Kysely<Tables>, passkey: NewPasskeyFactor, mail: NewMail | null) {
  const { id, account, kind, data, label, createdAt, handle } = passkey
  if (!(await lockAccount(transaction, account))) return 'no_account'
  if ((await count(transaction, account)) >= maxPasskeys) return 'full'
  const added = await transaction
    .insertInto('factors')
    .values({ id, account, kind, data, label, created_at: createdAt, last_used_at: null, handle })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (added === undefined) return 'taken'
  await appendChange(transaction, { at: createdAt, topic: 'account-factor-added', subject: account })
  await tell(transaction, createdAt, 'account-passkey-added', account, { passkey: id, name: label }, mail)
  return 'added'
}

async function remove(
  transaction: Kysely<Tables>,
  subject: string,
  id: string,
  mail: NewMail | null,
  now: number,
): Promise<'removed' | 'unknown' | 'last'> {
  const isThere = await lockAccount(transaction, subject)
  const row = await transaction
    .selectFrom('factors')
    .select('label')
    .where('id', '=', id)
    .where('account', '=', subject)
    .where('kind', '=', 'passkey')
    .executeTakeFirst()
  if (!isThere || row === undefined) return 'unknown'
  if (await isLastMeans(transaction, subject)) return 'last'
  await transaction.deleteFrom('factors').where('id', '=', id).execute()
  await transaction
    .deleteFrom('artefacts')
    .where('account', '=', digestSecret(subject))
    .where('kind', '=', 'RememberedDevice')
    .execute()
  await tell(transaction, now, 'account-passkey-removed', subject, { passkey: id, name: row.label }, mail)
  return 'removed'
}

/** Changes of one account's passkeys happen one after the other, so that two cannot both be the last but one. */
async function lockAccount(transaction: Kysely<Tables>, id: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('accounts')
    .set({ id })
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function count(transaction: Kysely<Tables>, account: string): Promise<number> {
  const { passkeys } = await transaction
    .selectFrom('factors')
    .select(({ fn }) => fn.countAll().as('passkeys'))
    .where('account', '=', account)
    .where('kind', '=', 'passkey')
    .executeTakeFirstOrThrow()
  return Number(passkeys)
}

async function tell(
  transaction: Kysely<Tables>,
  at: number,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
  mail: NewMail | null,
): Promise<void> {
  await openAudit(transaction).append({ at, action, subject, actor, detail })
  if (mail !== null) await createMailStore(transaction).add(mail)
}
