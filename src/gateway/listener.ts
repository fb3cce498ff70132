import type { Http2Server, ServerHttp2Session } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { ServerOptions } from '../config/snapshot.ts'
import { Http1Server } from './client/server.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { createHttp2Server } from './http2.ts'
import { holdPeerCertificate, PeerCertificate } from './peer-certificate.ts'
import type { ServingContext } from './serving-context.ts'
import type { CertificateSet } from './tls.ts'

export interface ListenerOptions {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** Null for plain HTTP. */
  readonly certificates: CertificateSet | null
  readonly http2: boolean
  /** Several workers share the port; the kernel spreads connections over them. */
  readonly reusePort: boolean
}

export interface Listener {
  readonly url: string
  readonly port: number
  /** New connections get these certificates; does nothing on a plain listener. */
  useCertificates(certificates: CertificateSet): void
  /** New connections get these limits. */
  configure(limits: ServerOptions): void
  /** Takes new connections no longer, ends idle ones, and cuts what is still open after `drainMs`. */
  close(drainMs: number): Promise<void>
}

/** How often connections that have become idle are looked for while the listener closes. */
const sweepMs = 50

/** Opens a port; resolves once it accepts connections, rejects with the system's error when it cannot. */
export async function openListener(
  options: ListenerOptions,
  context: ServingContext,
  limits: ConnectionLimits,
): Promise<Listener> {
  const state: ListenerState = { closing: false, onGone: null }
  const http1 = new Http1Server(context, state)
  const http2 = options.certificates !== null && options.http2 ? createHttp2Server(context) : null
  const sessions = new Set<ServerHttp2Session>()
  http2?.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    if (state.closing) session.close()
  })
  const tls = options.certificates === null ? null : createTls(options.certificates, http2, context)
  tls?.server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy())
    if (socket.destroyed) return
    if (options.certificates?.clients && !tls?.admit(socket)) return
    if (http2 !== null && socket.alpnProtocol === 'h2') http2.emit('connection', socket)
    else {
      socket.allowHalfOpen = true
      http1.accept(socket)
    }
  })

  const sockets = new Set<Socket>()
  const tcp = createTcpServer({ noDelay: true, allowHalfOpen: tls === null }, (socket) => {
    // Before the handshake, which is what a flood of connections must not get.
    if (!limits.admit(socket)) return
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      state.onGone?.()
    })
    if (tls === null) http1.accept(socket)
    else tls.server.emit('connection', socket)
  })
  try {
    await listen(tcp, options)
  } catch (error) {
    http1.stop()
    throw error
  }
  const { port } = tcp.address() as AddressInfo

  const endIdle = () => {
    http1.closeIdle()
    for (const session of sessions) session.close()
  }
  return {
    port,
    url: `${tls === null ? 'http' : 'https'}://${toUrlHost(options.host)}:${port}`,
    useCertificates: (certificates) => tls?.use(certificates),
    configure: (server) => http1.configure(server),
    close: (drainMs) =>
      new Promise((resolve) => {
        state.closing = true
        const cut = setTimeout(() => {
          for (const socket of sockets) socket.destroy()
        }, drainMs)
        const sweep = setInterval(endIdle, sweepMs)
        tcp.close()
        state.onGone = () => {
          if (sockets.size > 0) return
          state.onGone = null
          clearTimeout(cut)
          clearInterval(sweep)
          http1.stop()
          // Streams of a connection that was cut hear of it a moment later.
          setImmediate(resolve)
        }
        endIdle()
        state.onGone()
      }),
  }
}

interface ListenerState {
  /** Answers say that their connection ends. */
  closing: boolean
  /** Called when a connection has gone. */
  onGone: (() => void) | null
}

function createTls(
  first: CertificateSet,
  http2: Http2Server | null,
  context: ServingContext,
): {
  readonly server: TlsServer
  use(certificates: CertificateSet): void
  /** Takes in what the client has shown; false when the connection was ended for it. */
  admit(socket: TLSSocket): boolean
} {
  let current = first
  const refuseClient = (socket: TLSSocket, problem: string) => {
    context.onUntrustedClient(socket.remoteAddress ?? '', problem)
    socket.destroy()
  }
  const server = createTlsServer({
    ...first.options,
    SNICallback: (serverName, callback) => callback(null, current.select(serverName)),
    ALPNProtocols: http2 === null ? ['http/1.1'] : ['h2', 'http/1.1'],
    handshakeTimeout: context.current().server.headerTimeoutMs,
  })
  server.on('tlsClientError', (error, socket) => {
    if (current.clients?.mode === 'require' && isAboutCertificate(error)) refuseClient(socket, error.message)
    else socket.destroy()
  })
  return {
    server,
    admit(socket) {
      const certificate = new PeerCertificate(socket, () => current.clients)
      holdPeerCertificate(socket, certificate)
      if (current.clients?.mode !== 'require') return true
      const shown = certificate.read()
      if (shown?.trusted) return true
      refuseClient(socket, shown?.problem ?? 'it shows no certificate')
      return false
    },
    use(certificates) {
      current = certificates
      server.setSecureContext(certificates.options)
    },
  }
}

/** What the handshake ends with where it does not believe a certificate, or where none came. */
function isAboutCertificate(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException
  return code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' || code === 'ERR_SSL_CERTIFICATE_VERIFY_FAILED'
}

function listen(server: TcpServer, { host, port, reusePort }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, reusePort, backlog: 1024 }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve()
    })
  })
}

function toUrlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
