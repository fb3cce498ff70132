import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { GatewayCarrier } from './carrier.ts'
import type { ServingContext } from './http1.ts'
import { Http2Client } from './http2-client.ts'

/** Streams that a connection may have open, and resets it may cause, before it is ended (CVE-2023-44487). */
const maxConcurrentStreams = 128
const resetBurst = 200
const resetsPerSecond = 20

/** The HTTP/2 server. It is handed TLS sockets by the listeners and never listens itself. */
export function createHttp2Server(context: ServingContext): Http2Server {
  const { server: limits } = context.current()
  const server = createServer({
    settings: {
      enablePush: false,
      maxConcurrentStreams,
      maxHeaderListSize: limits.maxHeaderBytes,
      initialWindowSize: 256 * 1024,
    },
    maxHeaderListPairs: limits.maxHeaderCount + 8,
    maxSessionMemory: 16,
    maxSessionInvalidFrames: 20,
    maxSessionRejectedStreams: 50,
    streamResetBurst: resetBurst,
    streamResetRate: resetsPerSecond,
    unknownProtocolTimeout: 1_000,
  })
  server.on('session', (session) => {
    session.setTimeout(limits.keepAliveTimeoutMs + limits.idleTimeoutMs, () => session.close())
    session.on('error', () => session.destroy())
  })
  server.on(
    'stream',
    (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
      stream.on('error', () => {})
      const method = String(headers[':method'] ?? '')
      const socket = stream.session?.socket
      if (socket === undefined) {
        stream.destroy()
        return
      }
      const carrier = new GatewayCarrier(
        {
          method,
          url: String(headers[':path'] ?? ''),
          httpVersion: '2',
          authority: headers[':authority'] ?? null,
          rawHeaders: stream.endAfterHeaders ? rawHeaders : withBody(rawHeaders, headers),
          encrypted: true,
          peer: socket.remoteAddress ?? '',
          upgradable: false,
        },
        new Http2Client(stream, method === 'HEAD'),
        context.current(),
        context.watch,
      )
      stream.on('close', () => carrier.onClose())
      carrier.start()
    },
  )
  return server
}

/** HTTP/2 frames bodies itself; without a declared length the body is of unknown length, as with chunks. */
function withBody(rawHeaders: string[], headers: IncomingHttpHeaders): readonly string[] {
  return headers['content-length'] === undefined ? [...rawHeaders, 'transfer-encoding', 'chunked'] : rawHeaders
}
