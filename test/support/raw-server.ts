import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface RawServer {
  readonly port: number
  readonly url: string
  /** Connections that were made to it. */
  readonly connections: number
  /** Those that are open. */
  readonly open: ReadonlySet<Socket>
  close(): Promise<void>
}

/**
 * A server that answers with bytes: `answer` is called with what came on a connection, each time a blank line ends it,
 * and with how many times that was before on this connection.
 */
export function startRawServer(
  answer: (socket: Socket, text: string, turn: number) => void,
  tls: TlsOptions | null = null,
  host = '127.0.0.1',
  wantedPort = 0,
): Promise<RawServer> {
  const open = new Set<Socket>()
  let connections = 0
  const serve = (socket: Socket) => {
    connections += 1
    open.add(socket)
    let text = ''
    let turn = 0
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      const request = text
      text = ''
      answer(socket, request, turn++)
    })
  }
  const server = tls === null ? createServer(serve) : createTlsServer(tls, serve)
  server.on('tlsClientError', () => {})
  return new Promise((resolve) => {
    server.listen(wantedPort, host, () => {
      const { port } = server.address() as AddressInfo
      resolve({
        port,
        url: `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
        get connections() {
          return connections
        },
        open,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            for (const socket of open) socket.destroy()
          }),
      })
    })
  })
}
