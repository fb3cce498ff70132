/** The certificate that a client proved to hold during the TLS handshake, as far as the transport knows it. */
export interface ClientCertificate {
  /** The certificate itself, DER. */
  readonly raw: Uint8Array
  /** Its SHA-256 in base64url: `x5t#S256` of RFC 8705 section 3.1. */
  readonly thumbprint: string
  /** Whether its chain ended at a trusted authority and nothing of it was revoked or out of its time. */
  readonly trusted: boolean
  /** Why it is not trusted, for the log; absent where it is, or where the transport does not say. */
  readonly problem?: string
  /** The authorities that the client sent along, DER; absent or empty where it sent none. */
  readonly chain?: readonly Uint8Array[]
}

/** What is to be thought of a client's certificate. */
export interface CertificateVerdict {
  /** Null where it is trusted, else why it is not, for the log. */
  readonly problem: string | null
  /** Epoch milliseconds until which this holds: the first end of a certificate or a revocation list in its path. */
  readonly until: number
}

/** The authorities that client certificates may come from, with their revocation lists. */
export interface CertificateJudge {
  /** Never throws: what cannot be read is not trusted. `chain` is what the client sent along, in any order. */
  judge(raw: Uint8Array, chain: readonly Uint8Array[], now: number): CertificateVerdict
}
