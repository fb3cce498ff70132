import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { ConnectionLimits } from './connection-limits.ts'
import { createHttp1Server, type ServingContext } from './http1.ts'
import { createHttp2Server } from './http2.ts'
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
  /** Takes new connections no longer, ends idle ones, and cuts what is still open after `drainMs`. */
  close(drainMs: number): Promise<void>
}

/** Opens a port; resolves once it accepts connections, rejects with the system's error when it cannot. */
export async function openListener(
  options: ListenerOptions,
  context: ServingContext,
  limits: ConnectionLimits,
): Promise<Listener> {
  const http1 = createHttp1Server(context)
  // Node starts looking for overdue headers when a server listens; this one is fed by hand.
  http1.emit('listening')
  const http2 = options.certificates !== null && options.http2 ? createHttp2Server(context) : null
  const sessions = new Set<{ close(): void; destroy(): void }>()
  http2?.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  const sockets = new Set<Socket>()

  const admit = (socket: Socket): boolean => {
    if (!limits.admit(socket)) return false
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return true
  }
  let tcp: TcpServer
  let tlsServer: TlsServer | null = null
  let { certificates } = options
  if (certificates === null) {
    tcp = createTcpServer({ noDelay: true }, (socket) => {
      if (admit(socket)) http1.emit('connection', socket)
    })
  } else {
    const tls = createTlsServer({
      ...certificates.options,
      SNICallback: (serverName, callback) => callback(null, certificates?.select(serverName)),
      ALPNProtocols: http2 === null ? ['http/1.1'] : ['h2', 'http/1.1'],
      handshakeTimeout: context.current().server.headerTimeoutMs,
      noDelay: true,
    })
    tls.on('connection', admit)
    tls.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => socket.destroy())
      if (http2 !== null && socket.alpnProtocol === 'h2') http2.emit('connection', socket)
      else http1.emit('connection', socket)
    })
    tls.on('tlsClientError', (_error, socket) => socket.destroy())
    tcp = tls
    tlsServer = tls
  }
  await listen(tcp, options)
  const { port } = tcp.address() as AddressInfo
  return {
    port,
    url: `${options.certificates === null ? 'http' : 'https'}://${toUrlHost(options.host)}:${port}`,
    useCertificates: (renewed) => {
      if (tlsServer === null) return
      certificates = renewed
      tlsServer.setSecureContext(renewed.options)
    },
    close: (drainMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of sockets) socket.destroy()
        }, drainMs)
        tcp.close(() => {
          clearTimeout(timer)
          http1.close()
          resolve()
        })
        http1.closeIdleConnections()
        for (const session of sessions) session.close()
        // Connections that become idle from now on are ended as their answers leave.
        const sweep = setInterval(() => http1.closeIdleConnections(), 50)
        tcp.once('close', () => clearInterval(sweep))
      }),
  }
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
