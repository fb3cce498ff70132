import { X509Certificate } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ClientCertificate } from '../../core/client-certificate.ts'
import { parseCertificate } from '../../crypto/x509/certificate.ts'
import type { BridgedRequest } from '../bridge/bridged-request.ts'
import { matchesCertificate } from '../clients/certificate-rule.ts'

/** Clients that show a certificate to the listener (RFC 8705): it was proved in the handshake, and judged there. */
export const clientCertificates = {
  enabled: true,
  tlsClientAuth: true,
  selfSignedTlsClientAuth: true,
  certificateBoundAccessTokens: true,

  getCertificate(ctx: KoaContextWithOIDC): X509Certificate | undefined {
    const shown = readShown(ctx)
    return shown === null ? undefined : new X509Certificate(shown.raw)
  },
  certificateAuthorized: (ctx: KoaContextWithOIDC): boolean => readShown(ctx)?.trusted === true,
  certificateSubjectMatches(ctx: KoaContextWithOIDC, property: string, expected: string): boolean {
    const shown = readShown(ctx)
    return shown !== null && matchesCertificate(parseCertificate(shown.raw), property, expected)
  },
}

function readShown({ req }: KoaContextWithOIDC): ClientCertificate | null {
  return (req as unknown as BridgedRequest).exchange.carrier.clientCertificate()
}
