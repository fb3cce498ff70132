import { definePort } from '../../core/ports.ts'

/**
 * By what a token is named: by its own id (`jti`), by the session it belongs to (`sid`), by whom it speaks of or by the
 * client that it was issued to.
 */
export type RevokedKind = 'token' | 'session' | 'subject' | 'client'

/** What tokens of one issuer are no longer believed, though nothing else is wrong with them. Times are epoch milliseconds. */
export interface Revocation {
  /** As it stands in `iss`. */
  readonly issuer: string
  readonly kind: RevokedKind
  readonly value: string
  readonly revokedAt: number
  /** For a subject or a client: tokens that were issued until then are meant, later ones are not. Null for the other kinds. */
  readonly issuedUntil: number | null
  /** When the last token that it can concern has expired. It is kept for some time longer and then forgotten. */
  readonly endsAt: number
  readonly reason: string | null
}

export interface RevocationPage {
  readonly issuer?: string
  /** The last one of the page before. */
  readonly after?: Pick<Revocation, 'issuer' | 'value' | 'kind'>
  readonly limit: number
}

/** The revoked tokens, for those who administer them. Everything rejects with a `StoreError` when the store cannot. */
export interface RevocationStore {
  /** Takes effect at once, everywhere. One that is there already is only ever widened and prolonged. */
  revoke(revocation: Revocation): Promise<'revoked' | 'already'>
  /** In the order of issuer and value. */
  list(page: RevocationPage): Promise<Revocation[]>
  /** Forgets those that ended before a time, so many at most; answers how many. */
  removeEnded(before: number, limit: number): Promise<number>
}

export const revocationStorePort = definePort<RevocationStore>('revocation-store')

/** A token as revocations see it. */
export interface RevocableToken {
  readonly issuer: string
  /** Its `jti`, or the public id that stands in the log for a token that has none. */
  readonly tokenId: string
  readonly sessionId: string | null
  readonly subject: string
  /** Its `client_id`. */
  readonly clientId?: string | null
  /** The earliest moment at which it may have been issued, clocks that differ included; null where it does not say. */
  readonly issuedAt: number | null
}

/** What a request needs of the revocations. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface RevocationLookup {
  /** By what the token was revoked; null where it was not. */
  find(token: RevocableToken): RevokedKind | null | Promise<RevokedKind | null>
}

export const revocationLookupPort = definePort<RevocationLookup>('revocation-lookup')
