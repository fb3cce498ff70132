import { type Decision, next, refuse } from './decision.ts'
import type { Exchange } from './exchange.ts'

/**
 * The rule that no configuration can change: a credential that is bound to a key or a certificate is never taken from
 * whoever merely sends it (RFC 8705 section 3, RFC 9449 section 7.1). It stands behind everything that authenticates.
 * A certificate was proved to the transport and is compared here, or to a proxy that the policy `mtls` believes; a key must
 * have been proved to a policy before.
 */
export function requireProof(exchange: Exchange): Decision {
  const { principal } = exchange
  if (principal === null || principal.confirmation === null) return next
  const { keyThumbprint, certificateThumbprint } = principal.confirmation
  if (keyThumbprint !== null && principal.proofOfPossession !== keyThumbprint) {
    return refuse('credential_bound', 'its key was not proved')
  }
  if (certificateThumbprint === null) {
    return keyThumbprint === null ? refuse('credential_bound', 'to something unknown') : next
  }
  // A policy has seen the certificate itself: the one of a client behind a proxy is none of this connection.
  if (keyThumbprint === null && principal.proofOfPossession === certificateThumbprint) return next
  if (exchange.carrier.clientCertificate()?.thumbprint !== certificateThumbprint) {
    return refuse('credential_bound', 'its certificate was not shown')
  }
  // The one that was there may be cached and answer other requests.
  if (keyThumbprint === null) {
    exchange.principal = Object.freeze({ ...principal, proofOfPossession: certificateThumbprint })
  }
  return next
}
