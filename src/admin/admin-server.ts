import { createServer as createPlainServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { SecureContext, TlsOptions } from 'node:tls'
import type { AdminLimits } from './limits.ts'

/** What a handshake offers: the certificate for a server name (SNI), and the options that go with all of them. */
export interface AdminCertificates {
  readonly options: TlsOptions
  select(serverName: string): SecureContext
}

export interface AdminServer {
  readonly server: Server
  /** New connections get these certificates; does nothing where plain HTTP is served. */
  useCertificates(certificates: AdminCertificates): void
}

/** Makes a server that waits for nobody for long. */
export function createAdminServer(
  certificates: AdminCertificates | null,
  { maxConnections, requestMs }: AdminLimits,
): AdminServer {
  const common = {
    maxHeaderSize: 8 * 1024,
    // Checked by the flow, which answers with a problem.
    requireHostHeader: false,
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    keepAliveTimeout: requestMs,
    // Node's own 30 s would make every timeout as long.
    connectionsCheckingInterval: Math.min(1_000, requestMs),
  }
  if (certificates === null) {
    const server = createPlainServer(common)
    server.maxConnections = maxConnections
    return { server, useCertificates() {} }
  }
  let current = certificates
  const server: TlsServer = createTlsServer({
    ...common,
    ...certificates.options,
    handshakeTimeout: requestMs,
    SNICallback: (name, callback) => callback(null, current.select(name)),
  })
  server.maxConnections = maxConnections
  return {
    server,
    useCertificates(next) {
      current = next
      server.setSecureContext(next.options)
    },
  }
}
