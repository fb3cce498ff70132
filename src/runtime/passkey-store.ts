import type { Kysely } from 'kysely'
import { inTransaction } from '../stores/in-transaction.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { NewMail } from '../stores/ports/mail-store.ts'
import { maxPasskeys, type NewPasskeyRecord, type PasskeyStore } from '../stores/ports/passkey-store.ts'
import type { Tables } from '../stores/schema.ts'
import { openAudit } from './audited.ts'

/** Who the audit trail names: nobody but the person did it. */
const actor = 'the account itself'

export function createPasskeyStore(db: Kysely<Tables>): PasskeyStore {
  return {
    add: (passkey, mail) => inTransaction(db, (transaction) => add(transaction, passkey, mail)),
    rename: async (accountId, id, name) => {
      const { numUpdatedRows } = await db
        .updateTable('passkeys')
        .set({ name })
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
    remove: (accountId, id, mail, now) =>
      inTransaction(db, (transaction) => remove(transaction, accountId, id, mail, now)),
    use: (id, counter, now) => use(db, id, counter, now),
  }
}

async function add(transaction: Kysely<Tables>, passkey: NewPasskeyRecord, mail: NewMail | null) {
  const { id, accountId, credentialId, publicKey, counter, transports, synced, name, createdAt } = passkey
  if ((await lockAccount(transaction, accountId)) === null) return 'no_account'
  if ((await count(transaction, accountId)) >= maxPasskeys) return 'full'
  const added = await transaction
    .insertInto('passkeys')
    .values({
      ...{ id, account_id: accountId, credential_id: credentialId, public_key: publicKey, counter },
      ...{ transports: JSON.stringify(transports), synced: synced ? 1 : 0, name, created_at: createdAt },
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (added === undefined) return 'taken'
  await tell(transaction, createdAt, 'account-passkey-added', accountId, { passkey: id, name, synced }, mail)
  return 'added'
}

async function remove(
  transaction: Kysely<Tables>,
  accountId: string,
  id: string,
  mail: NewMail | null,
  now: number,
): Promise<'removed' | 'unknown' | 'last'> {
  const account = await lockAccount(transaction, accountId)
  const row = await transaction
    .selectFrom('passkeys')
    .select('name')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  if (account === null || row === undefined) return 'unknown'
  if (account.password_hash === null && (await count(transaction, accountId)) === 1) return 'last'
  await transaction.deleteFrom('passkeys').where('id', '=', id).execute()
  await tell(transaction, now, 'account-passkey-removed', accountId, { passkey: id, name: row.name }, mail)
  return 'removed'
}

async function use(db: Kysely<Tables>, id: string, counter: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('passkeys')
    .set({ counter, last_used_at: now })
    .where('id', '=', id)
    // Many count nothing, and say 0 each time.
    .where(({ eb, or, and, val }) =>
      or([eb('counter', '<', counter), and([eb('counter', '=', 0), eb(val(counter), '=', 0)])]),
    )
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Changes of one account's passkeys happen one after the other, so that two cannot both be the last but one. */
async function lockAccount(transaction: Kysely<Tables>, id: string) {
  const account = await transaction
    .updateTable('accounts')
    .set(({ ref }) => ({ username: ref('username') }))
    .where('id', '=', id)
    .returning('password_hash')
    .executeTakeFirst()
  return account ?? null
}

async function count(transaction: Kysely<Tables>, accountId: string): Promise<number> {
  const { passkeys } = await transaction
    .selectFrom('passkeys')
    .select(({ fn }) => fn.countAll().as('passkeys'))
    .where('account_id', '=', accountId)
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
