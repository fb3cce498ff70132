/** Who is calling, however they proved it. Every stage after `authenticate` sees only this. */
export interface Principal {
  /** Stable and unique together with `issuer`: a subject, an account or the owner of a key. */
  readonly id: string
  readonly kind: 'user' | 'service'
  /** Who vouches for `id`: a token's issuer, or `portcullis` for credentials of our own stores. */
  readonly issuer: string
  readonly tenant: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly credential: CredentialReference
  /** How strongly the caller proved itself, such as `single-factor`; null where the credential does not say. */
  readonly assurance: string | null
  /** When the caller proved who it is, epoch milliseconds; null or absent where the credential does not say. */
  readonly authenticatedAt?: number | null
  /** The key that the credential is bound to: who sends it must prove to hold that key. Null for a bearer credential. */
  readonly confirmation: Confirmation | null
  /** The key that the caller proved to hold (a thumbprint), null for a bearer credential. */
  readonly proofOfPossession: string | null
  /** Epoch milliseconds after which the credential no longer holds, null when it has no end. */
  readonly expiresAt: number | null
}

/** What a bound credential names its key by (RFC 7800 section 3.1): both, where both are given, must be proved. */
export interface Confirmation {
  /** The thumbprint of a public key (`jkt`, RFC 9449 section 6.1). */
  readonly keyThumbprint: string | null
  /** The thumbprint of a client certificate (`x5t#S256`, RFC 8705 section 3.1). */
  readonly certificateThumbprint: string | null
}

/** What the caller proved itself with: never the secret itself. */
export interface CredentialReference {
  /** The credential policy's name, such as `api-key`. */
  readonly policy: string
  /** A public id: a key's id, a token's `jti` or a hash. */
  readonly id: string
  /** Where the credential belongs, such as `live` or `test`, where it says so. */
  readonly environment?: string
}

/** The text under which limits, caches and logs know a principal; no two principals share it. */
export function toPrincipalKey(principal: Principal): string {
  return `${principal.issuer.length}:${principal.issuer}|${principal.id}`
}
