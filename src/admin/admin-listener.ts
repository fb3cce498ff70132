import type { AddressInfo, Socket } from 'node:net'
import { parseAddress } from '../core/address.ts'
import type { Meter, PolicyLog } from '../core/telemetry.ts'
import { AdminRecord } from './admin-record.ts'
import { type AdminCertificates, createAdminServer } from './admin-server.ts'
import { type AdminContent, createAnswerRequest } from './answer-request.ts'
import { type AdminLimits, adminLimits } from './limits.ts'
import { PeerLimit } from './peer-limit.ts'
import { serveRequests } from './serve-requests.ts'

export interface AdminListenerOptions extends AdminContent {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** Null for plain HTTP. */
  readonly certificates: AdminCertificates | null
  readonly log: PolicyLog
  readonly meter: Meter
  readonly limits?: AdminLimits
}

export interface AdminListener {
  readonly url: string
  /** New connections get these certificates; does nothing where plain HTTP is served. */
  useCertificates(certificates: AdminCertificates): void
  /** Cuts what is open. */
  close(): Promise<void>
}

/**
 * Opens the operator's listener: metrics behind a token, and whether the gateway lives and is ready. It rejects in the
 * operator's words where the port cannot be opened.
 */
export async function openAdminListener(options: AdminListenerOptions): Promise<AdminListener> {
  const { host, port, certificates, log, meter, limits = adminLimits } = options
  // An address is right wherever the connection came to it.
  const names = parseAddress(host) === null ? [host, ...options.names] : options.names
  const { server, useCertificates } = createAdminServer(certificates, limits)
  serveRequests(server, createAnswerRequest({ ...options, names }), new AdminRecord(log, meter), limits)

  const peers = new PeerLimit(limits.maxConnectionsPerPeer)
  const sockets = new Set<Socket>()
  let turnedAway = 0
  server.on('connection', (socket: Socket) => {
    if (!peers.admit(socket)) {
      turnedAway++
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('drop', () => turnedAway++)
  meter.gauge('portcullis_admin_connections', 'Open connections to the admin listener', () => sockets.size)
  meter.total(
    'portcullis_admin_connections_refused_total',
    'Connections to the admin listener ended for the limits',
    () => turnedAway,
  )

  await new Promise<void>((resolve, reject) => {
    // Stays: a connection that could not be accepted later on is an error too, and must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message
      reject(new Error(`cannot listen on ${host} port ${port} for administration: ${reason}`))
    })
    server.listen(port, host, resolve)
  })
  const scheme = certificates === null ? 'http' : 'https'
  return {
    url: `${scheme}://${toUrlHost(host)}:${(server.address() as AddressInfo).port}`,
    useCertificates,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function toUrlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
