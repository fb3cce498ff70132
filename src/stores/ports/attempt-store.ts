import type { AttemptCount } from '../../core/attempt-limits.ts'
import { definePort } from '../../core/ports.ts'

/** Somebody at a client gives a name and a password. Neither need exist. */
export interface Attempt {
  readonly tenant: string | null
  /** As it was typed. */
  readonly username: string
  /** `Client.key`: the address, for IPv6 its network. */
  readonly client: string
}

/** What is counted: an account (for clients that are new to it), one client of an account, one client, all. */
export type AttemptKind = 'account' | 'knownClient' | 'client' | 'all'

/** A count that an attempt was added to. Plain data, to be handed back. */
export interface ReservedCount {
  readonly kind: AttemptKind
  readonly key: string
  readonly lockedUntil: number
}

export interface Reserved {
  readonly kind: 'reserved'
  /** Digests, under which logs may speak of them. */
  readonly account: string
  readonly client: string
  /** Whether the account was logged in from this client before. */
  readonly known: boolean
  readonly counts: readonly ReservedCount[]
  /** Which counts have come to the end of what is free with this attempt, should it fail. */
  readonly reached: readonly AttemptKind[]
}

export interface AttemptRefused {
  readonly kind: 'refused'
  readonly account: string
  readonly by: AttemptKind
  readonly retryAfterMs: number
}

/**
 * Failed attempts to log in, across threads, instances and restarts. An attempt is counted before the password is looked
 * at, so that of many at the same time none slips through; what did not fail is taken back. Everything rejects with a
 * `StoreError`.
 */
export interface AttemptStore {
  reserve(attempt: Attempt, now: number): Promise<Reserved | AttemptRefused>
  /** The password was right: the attempt does not count, and the client is known to the account from now on. */
  succeed(reserved: Reserved, now: number): Promise<void>
  /** Nobody has looked at the password: the attempt does not count. */
  cancel(reserved: Reserved): Promise<void>
  /** Takes the locks of an account away, for its owner who asked; the clients that it knows stay known. */
  unlock(tenant: string | null, username: string): Promise<void>
  /** Forgets the failures of an account, and the clients that it knows: there is no such account any more. */
  forget(tenant: string | null, username: string): Promise<void>
  /** Forgets what has drained, and clients that were not seen for long: at most `limit` of each. How many at most. */
  removeEnded(now: number, limit: number): Promise<number>
}

export const attemptStorePort = definePort<AttemptStore>('attempt-store')

export type { AttemptCount }
