import { type Kysely, sql, type Updateable, type UpdateObject } from 'kysely'
import { toAccountRecord } from './account-rows.ts'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import type {
  AccountChanges,
  AccountPage,
  AccountRecord,
  AccountStore,
  ImportedAccount,
  NewAccount,
} from './ports/account-store.ts'
import { toUsername } from './ports/username.ts'
import type { AccountRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Accounts on any database that Kysely speaks to. */
export function createAccountStore(db: Kysely<Tables>): AccountStore {
  /** Changes a row and tells of it, or does neither. */
  const change = (id: string, values: UpdateObject<Tables, 'accounts'>, topic: string, now: number) =>
    inTransaction(db, async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('accounts')
        .set(values)
        .where('id', '=', id)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await appendChange(transaction, { at: now, topic, subject: id })
      return true
    })

  return {
    find: (id) => findAccount(db, id),
    findByUsername: (tenant, username) => findByUsername(db, tenant, username),
    list: (page) => listAccounts(db, page),
    create: (account) => createAccount(db, account),
    import: (batch) => importAccounts(db, batch),
    // The id is set to what it is: an update sets at least one column.
    async update(id, changes, now) {
      return change(id, { id, ...toColumns(changes) }, 'account-changed', now)
    },
    setPassword: (id, hash, now) =>
      change(
        id,
        { password_hash: hash, password_changed_at: now, signed_out_at: toSignedOut(now) },
        'account-password-changed',
        now,
      ),
    signOut: (id, now) => change(id, { signed_out_at: toSignedOut(now) }, 'account-signed-out', now),
    replaceHash: (id, from, to) => replaceHash(db, id, from, to),
    disable: (id, now) => disable(db, id, now),
    enable: (id, now) => enable(db, id, now),
    remove: (id, now) => inTransaction(db, (transaction) => removeAccount(transaction, id, now)),
  }
}

async function findAccount(db: Kysely<Tables>, id: string): Promise<AccountRecord | null> {
  if (!isStorable(id)) return null
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toAccountRecord(row)
}

async function findByUsername(
  db: Kysely<Tables>,
  tenant: string | null,
  username: string,
): Promise<AccountRecord | null> {
  const name = toUsername(username)
  if (name === null || !isStorable(tenant ?? '')) return null
  const row = await db
    .selectFrom('accounts')
    .selectAll()
    .where('tenant', '=', tenant ?? '')
    .where('username', '=', name)
    .executeTakeFirst()
  return row === undefined ? null : toAccountRecord(row)
}

async function listAccounts(db: Kysely<Tables>, { tenant, after, limit }: AccountPage): Promise<AccountRecord[]> {
  const rows = await db
    .selectFrom('accounts')
    .selectAll()
    .$if(tenant !== undefined, (query) => query.where('tenant', '=', tenant ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toAccountRecord)
}

async function createAccount(db: Kysely<Tables>, account: NewAccount): Promise<void> {
  await db
    .insertInto('accounts')
    .values(toRow({ ...account, disabledAt: null }))
    .execute()
}

async function importAccounts(db: Kysely<Tables>, batch: readonly ImportedAccount[]): Promise<number> {
  if (batch.length === 0) return 0
  // One statement, so that it is done wholly or not at all.
  const added = await db
    .insertInto('accounts')
    .values(batch.map(toRow))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  return added.length
}

function toRow(account: ImportedAccount): AccountRow {
  return {
    id: account.id,
    tenant: account.tenant ?? '',
    username: requireUsername(account.username),
    password_hash: account.passwordHash,
    roles: JSON.stringify(account.roles),
    scopes: JSON.stringify(account.scopes),
    attributes: JSON.stringify(account.attributes),
    created_at: account.createdAt,
    disabled_at: account.disabledAt,
    password_changed_at: account.passwordHash === null ? null : account.createdAt,
    signed_out_at: null,
  }
}

async function replaceHash(db: Kysely<Tables>, id: string, from: string, to: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('accounts')
    .set({ password_hash: to })
    .where('id', '=', id)
    .where('password_hash', '=', from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

function disable(db: Kysely<Tables>, id: string, now: number): Promise<'disabled' | 'already' | 'unknown'> {
  return inTransaction(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('accounts')
      .set({ disabled_at: now, signed_out_at: toSignedOut(now) })
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return (await exists(transaction, id)) ? 'already' : 'unknown'
    await appendChange(transaction, { at: now, topic: 'account-disabled', subject: id })
    return 'disabled'
  })
}

function enable(db: Kysely<Tables>, id: string, now: number): Promise<'enabled' | 'already' | 'unknown'> {
  return inTransaction(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('accounts')
      .set({ disabled_at: null })
      .where('id', '=', id)
      .where('disabled_at', 'is not', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return (await exists(transaction, id)) ? 'already' : 'unknown'
    await appendChange(transaction, { at: now, topic: 'account-enabled', subject: id })
    return 'enabled'
  })
}

async function removeAccount(transaction: Kysely<Tables>, id: string, now: number): Promise<boolean> {
  const { numDeletedRows } = await transaction.deleteFrom('accounts').where('id', '=', id).executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await transaction.deleteFrom('factors').where('account', '=', id).execute()
  await transaction.deleteFrom('connections').where('account', '=', id).execute()
  await appendChange(transaction, { at: now, topic: 'account-removed', subject: id })
  return true
}

/** Logins know their second only, and one that follows at once takes the next: so two never fall into one second. */
function toSignedOut(now: number) {
  return sql<number>`case when signed_out_at > ${now - 1000} then signed_out_at + 1000 else ${now} end`
}

async function exists(db: Kysely<Tables>, id: string): Promise<boolean> {
  return (await db.selectFrom('accounts').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

function toColumns({ username, roles, scopes, attributes }: AccountChanges): Updateable<AccountRow> {
  return {
    ...(username === undefined ? {} : { username: requireUsername(username) }),
    ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
    ...(scopes === undefined ? {} : { scopes: JSON.stringify(scopes) }),
    ...(attributes === undefined ? {} : { attributes: JSON.stringify(attributes) }),
  }
}

function requireUsername(text: string): string {
  const name = toUsername(text)
  if (name === null)
    throw new RangeError('a user name has 1 to 200 characters that can be seen, and no space at its ends')
  return name
}
