import { definePort } from '../../core/ports.ts'
import type { NewAccount } from './account-store.ts'

/** Who somebody is to another server: its name for itself, and its name for them. Nothing else identifies them. */
export interface UpstreamSubject {
  /** Whose accounts log in here; null: those of no tenant. */
  readonly tenant: string | null
  readonly issuer: string
  readonly subject: string
}

/** An account that is opened by a login at another server. Times are epoch milliseconds. */
export interface Connection extends UpstreamSubject {
  readonly id: string
  readonly accountId: string
  /** What the policy file calls that server. */
  readonly provider: string
  /** What it said last, for people to tell one from the other; nobody is found by it. */
  readonly email: string | null
  /** What the policy file made of what it said at the last login. */
  readonly roles: readonly string[]
  readonly createdAt: number
  /** The last login through it. */
  readonly usedAt: number
}

/** What a login through a connection changes. */
export interface ConnectionUse {
  readonly id: string
  readonly provider: string
  readonly email: string | null
  readonly roles: readonly string[]
  readonly now: number
}

/**
 * Connections of accounts with other servers. Each change happens wholly or not at all, with its line of the audit
 * trail. Everything rejects with a `StoreError` when the store cannot.
 */
export interface ConnectionStore {
  /**
   * Makes an account and its connection. `taken`: there is such an account, or such a connection, by now. `reserved`: an
   * account of that name was removed, and tokens of it may still be out.
   */
  signUp(account: NewAccount, connection: Connection): Promise<'done' | 'taken' | 'reserved'>
  /** `taken`: it opens another account. `unknown`: the account is gone. */
  connect(connection: Connection): Promise<'done' | 'already' | 'taken' | 'unknown'>
  use(use: ConnectionUse): Promise<void>
  /** `last`: nothing else would open the account. */
  disconnect(accountId: string, id: string, now: number): Promise<'done' | 'unknown' | 'last'>
}

export const connectionStorePort = definePort<ConnectionStore>('connection-store')

/** What a request needs of them. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface ConnectionLookup {
  find(who: UpstreamSubject): Connection | null | Promise<Connection | null>
  /** Oldest first. */
  listOf(accountId: string): Connection[] | Promise<Connection[]>
}

export const connectionLookupPort = definePort<ConnectionLookup>('connection-lookup')
