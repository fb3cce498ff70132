/** The certificate that a client proved to hold during the TLS handshake, as far as the transport knows it. */
export interface ClientCertificate {
  /** The certificate itself, DER. */
  readonly raw: Uint8Array
  /** Its SHA-256 in base64url: `x5t#S256` of RFC 8705 section 3.1. */
  readonly thumbprint: string
  /** Whether its chain ended at a trusted authority and nothing of it was revoked or out of its time. */
  readonly trusted: boolean
}
