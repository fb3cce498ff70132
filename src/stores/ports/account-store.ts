import { definePort } from '../../core/ports.ts'

/** Somebody who can log in. Times are epoch milliseconds; null means never, or none. */
export interface AccountRecord {
  readonly id: string
  readonly tenant: string | null
  /** As `toUsername` makes it; unique within the tenant. */
  readonly username: string
  /** A PHC string; null: no password opens this account. */
  readonly passwordHash: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Plain JSON. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly disabledAt: number | null
  readonly passwordChangedAt: number | null
  /** Logins of before, with everything that was issued under them, are worth nothing any more. */
  readonly signedOutAt: number | null
}

export type NewAccount = Omit<AccountRecord, 'disabledAt' | 'passwordChangedAt' | 'signedOutAt'>

/** An account that was another program's before. */
export interface ImportedAccount extends NewAccount {
  readonly disabledAt: number | null
}

export interface AccountChanges {
  readonly username?: string
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface AccountPage {
  /** Null: those of no tenant. Without it, all. */
  readonly tenant?: string | null
  /** The last id of the page before. */
  readonly after?: string
  readonly limit: number
}

/**
 * The accounts, for those who administer them and for logins. Names are given as they were typed. Changes of what
 * an account may do append to the change log in the same transaction. Everything rejects with a `StoreError`.
 */
export interface AccountStore {
  find(id: string): Promise<AccountRecord | null>
  findByUsername(tenant: string | null, username: string): Promise<AccountRecord | null>
  /** In the order of ids. */
  list(page: AccountPage): Promise<AccountRecord[]>
  /** Rejects with `conflict` where the id or the name is taken, with a `RangeError` where the name is none. */
  create(account: NewAccount): Promise<void>
  /**
   * Adds all of a batch or nothing, and passes over those whose id or name is taken; rejects with a `RangeError` where a name
   * is none. How many were added.
   */
  import(batch: readonly ImportedAccount[]): Promise<number>
  /** The same rejections; false where there is no such account. */
  update(id: string, changes: AccountChanges, now: number): Promise<boolean>
  /** A new password, or none, which signs out; false where there is no such account. */
  setPassword(id: string, hash: string | null, now: number): Promise<boolean>
  /**
   * The same password hashed anew. Only where `from` is still what is stored: a password that was changed meanwhile
   * must not come back.
   */
  replaceHash(id: string, from: string, to: string): Promise<boolean>
  /** Ends what was begun by logins until now; false where there is no such account. */
  signOut(id: string, now: number): Promise<boolean>
  /** Ends what the account may do, everywhere, and signs out; it keeps the date of the first time. */
  disable(id: string, now: number): Promise<'disabled' | 'already' | 'unknown'>
  enable(id: string, now: number): Promise<'enabled' | 'already' | 'unknown'>
  remove(id: string, now: number): Promise<boolean>
}

export const accountStorePort = definePort<AccountStore>('account-store')

/** What a request needs of the accounts. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface AccountLookup {
  find(id: string): AccountRecord | null | Promise<AccountRecord | null>
  findByUsername(tenant: string | null, username: string): AccountRecord | null | Promise<AccountRecord | null>
}

export const accountLookupPort = definePort<AccountLookup>('account-lookup')
