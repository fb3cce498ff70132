import { definePort } from '../../core/ports.ts'

/** Who a session stands for, as it was when the session began: roles that change later do not change it. */
export interface SessionCaller {
  readonly id: string
  readonly kind: 'user' | 'service'
  /** Who vouches for `id`. */
  readonly issuer: string
  readonly tenant: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly assurance: string | null
  /** When the caller proved who it is. */
  readonly authenticatedAt: number
}

/** A session as it is stored. Times are epoch milliseconds. */
export interface SessionRecord {
  /** The first 24 digits of the digest: names the session in lists and logs, and changes with its secret. */
  readonly id: string
  /** SHA-256 of the secret in the cookie, in hex. The secret itself is stored nowhere. */
  readonly digest: string
  readonly caller: SessionCaller
  readonly createdAt: number
  /** Coarse: moved once in a while. */
  readonly lastSeenAt: number
  /** Unused for so long, it has ended. */
  readonly idleMs: number
  /** When it ends however much it is used. */
  readonly endsAt: number
  readonly userAgent: string | null
  readonly address: string | null
  readonly revokedAt: number | null
}

export interface NewSession extends Omit<SessionRecord, 'lastSeenAt' | 'revokedAt'> {
  /** Living sessions of the principal beyond this many end, those that were seen last longest ago first. */
  readonly maxPerPrincipal: number
}

/** Gives a session a new secret: the old one dies at once, the ends stay. */
export interface Renewal {
  /** Of the session as it is now. */
  readonly digest: string
  readonly newId: string
  readonly newDigest: string
  /** Who it stands for from now on; null: as before. */
  readonly caller: SessionCaller | null
  readonly now: number
}

export interface SessionPage {
  /** The `id` of callers, of whatever issuer. */
  readonly principal?: string
  /** The last id of the page before. */
  readonly after?: string
  readonly limit: number
}

/** Which sessions end: all of them, those of one principal, all but one. */
export interface SessionChoice {
  readonly principal?: string
  readonly issuer?: string
  /** The id of one that goes on. */
  readonly except?: string
}

export interface SessionTouch {
  readonly digest: string
  readonly at: number
}

/** The sessions of browsers. Everything rejects with a `StoreError` when the store cannot. */
export interface SessionStore {
  find(id: string): Promise<SessionRecord | null>
  /** In the order of ids, ended ones included. */
  list(page: SessionPage): Promise<SessionRecord[]>
  create(session: NewSession): Promise<void>
  /** False where the session has ended or is unknown: nothing was renewed. */
  renew(renewal: Renewal): Promise<boolean>
  /** Moves `lastSeenAt` forward, never back. What is not there is passed over. */
  touch(touches: readonly SessionTouch[]): Promise<void>
  /** Ends one at once, everywhere. One that was revoked before keeps its first date. */
  revoke(id: string, now: number): Promise<'revoked' | 'already' | 'unknown'>
  /** Ends several; answers how many. */
  revokeAll(choice: SessionChoice, now: number): Promise<number>
  /** Removes what ended before a time; answers how many. */
  prune(before: number): Promise<number>
}

export const sessionStorePort = definePort<SessionStore>('session-store')

/** What a request needs of the sessions. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface SessionLookup {
  find(digest: string): SessionRecord | null | Promise<SessionRecord | null>
}

export const sessionLookupPort = definePort<SessionLookup>('session-lookup')
