import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../core/client-certificate.ts'

/** By connection: the certificate of one does not change. */
const known = new WeakMap<object, ClientCertificate | null>()

/**
 * What the client has shown to the application's own TLS server, whose handshake also decided whether it is trusted.
 */
export function readEmbeddedCertificate(request: IncomingMessage): ClientCertificate | null {
  const { socket } = request
  if (!('encrypted' in socket)) return null
  // Each HTTP/2 request has a stand-in for its socket.
  const connection = (request as unknown as Partial<Http2ServerRequest>).stream?.session ?? socket
  let certificate = known.get(connection)
  if (certificate === undefined) {
    certificate = read(socket as TLSSocket)
    known.set(connection, certificate)
  }
  return certificate
}

function read(socket: TLSSocket): ClientCertificate | null {
  const raw = socket.getPeerX509Certificate?.()?.raw
  if (raw === undefined) return null
  const shown = { raw, thumbprint: createHash('sha256').update(raw).digest('base64url') }
  return socket.authorized
    ? { ...shown, trusted: true }
    : { ...shown, trusted: false, problem: `the handshake: ${String(socket.authorizationError)}` }
}
