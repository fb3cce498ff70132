import { definePort } from '../../core/ports.ts'

/** A login to the identity server that was ended, of which clients are to be told. Times are epoch milliseconds. */
export interface EndedLogin {
  /** Of the session that it was, or one of its own. */
  readonly digest: string
  /** The session, sealed as it was kept. */
  readonly payload: string
  /** How often it was taken. */
  readonly attempts: number
  /** Nobody is told of it any more from then on. */
  readonly expiresAt: number
}

/**
 * Logins that were ended, until their clients know. They come here in the transaction that ends them, whoever does it; by
 * its person's own logout, one for each client.
 * Everything rejects with a `StoreError` when the store cannot.
 */
export interface EndedLoginStore {
  /** Keeps one that ended otherwise; every gateway looks at once. */
  keep(login: Pick<EndedLogin, 'digest' | 'payload'>, now: number): Promise<void>
  /** Takes what is due, so many at most, from everybody else for so long: until then it is told, or anybody's again. */
  take(now: number, forMs: number, limit: number): Promise<EndedLogin[]>
  /** Everybody was told, or never will be. */
  remove(digest: string): Promise<void>
  /** Some could not be told: what is left of it. */
  postpone(digest: string, payload: string, until: number): Promise<void>
}

export const endedLoginStorePort = definePort<EndedLoginStore>('ended-login-store')
