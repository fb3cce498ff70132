import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { UpstreamTls } from '../../config/snapshot.ts'

/** What a TLS connection to a target is opened with. Certificates are always verified. */
export interface EndpointTls {
  readonly context: SecureContext
  /** The name to ask for and to verify instead of the target's. */
  readonly serverName: string | null
  /** Of the last connection: the next one is spared a full handshake. */
  readonly session: Buffer | null
  keepSession(session: Buffer): void
}

/** @throws where a file cannot be read or is no certificate or key */
export function createTargetTls(options: UpstreamTls | null): () => EndpointTls {
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    ...(options?.ca && { ca: readFileSync(options.ca) }),
    ...(options?.cert && { cert: readFileSync(options.cert) }),
    ...(options?.key && { key: readFileSync(options.key) }),
  })
  const serverName = options?.serverName ?? null
  // A session belongs to one target: it is resumed without looking at the certificate's name again.
  return () => {
    let kept: Buffer | null = null
    return {
      context,
      serverName,
      get session() {
        return kept
      },
      keepSession(session) {
        kept = session
      },
    }
  }
}
