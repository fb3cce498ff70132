import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { GatewayCarrier } from './carrier.ts'
import { Http2Client } from './http2-client.ts'
import { type PeerCertificate, peerCertificateOf } from './peer-certificate.ts'
import type { ServingContext } from './serving-context.ts'

/** Streams that a connection may have open, and resets it may cause, before it is ended (CVE-2023-44487). */
const maxConcurrentStreams = 128
const resetBurst = 200
const resetsPerSecond = 20
/** Up to so many times its limit a header section is read, so that it is refused with an answer and not with a reset. */
const headerLeeway = 2
/** What may be on its way to us unread: of one stream, and of a connection with all of its streams. */
const streamWindowBytes = 256 * 1024
const sessionWindowBytes = 1024 * 1024
/** How long an idle connection may take to close. */
const lingerMs = 2_000

/** The HTTP/2 server. It is handed TLS sockets by the listeners and never listens itself. */
export function createHttp2Server(context: ServingContext): Http2Server {
  const { server: limits } = context.current()
  const server = createServer({
    settings: {
      enablePush: false,
      maxConcurrentStreams,
      maxHeaderListSize: limits.maxHeaderBytes * headerLeeway,
      initialWindowSize: streamWindowBytes,
    },
    maxHeaderListPairs: limits.maxHeaderCount + 8,
    maxSessionMemory: 16,
    maxSessionInvalidFrames: 20,
    maxSessionRejectedStreams: 50,
    streamResetBurst: resetBurst,
    streamResetRate: resetsPerSecond,
    unknownProtocolTimeout: 1_000,
    // What an upstream repeats, it repeats over HTTP/1.1 as well.
    strictSingleValueFields: false,
  })
  server.on('session', (session) => {
    session.on('error', () => session.destroy())
    try {
      acceptSession(session, context)
    } catch {
      // The client had gone before its session began.
      session.destroy()
    }
  })
  return server
}

function acceptSession(session: ServerHttp2Session, context: ServingContext): void {
  // Read once: a session that is being ended has no address any more.
  const peer = session.socket.remoteAddress ?? ''
  const certificate = peerCertificateOf(session.socket)
  let open = 0
  session.setLocalWindowSize(sessionWindowBytes)
  const awaitSilence = () => {
    session.setTimeout(context.current().server.keepAliveTimeoutMs, () => {
      // Open streams have timeouts of their own.
      if (open > 0) awaitSilence()
      else endSession(session)
    })
  }
  awaitSilence()
  session.on(
    'stream',
    (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
      stream.on('error', () => {})
      // It was reset before anybody heard of it.
      if (stream.destroyed) return
      open += 1
      stream.once('close', () => {
        open -= 1
      })
      try {
        acceptStream(stream, headers, rawHeaders, { peer, certificate }, context)
      } catch (error) {
        stream.destroy()
        context.onFault(error)
      }
    },
  )
}

/** Ends an idle session; one that does not even take its last bytes is cut. */
function endSession(session: ServerHttp2Session): void {
  session.close()
  const timer = setTimeout(() => session.destroy(), lingerMs)
  session.once('close', () => clearTimeout(timer))
}

function acceptStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: string[],
  connection: { readonly peer: string; readonly certificate: PeerCertificate | null },
  context: ServingContext,
): void {
  const method = String(headers[':method'] ?? '')
  const carrier = new GatewayCarrier(
    {
      method,
      url: String(headers[':path'] ?? ''),
      httpVersion: '2',
      authority: headers[':authority'] ?? null,
      rawHeaders: stream.endAfterHeaders ? rawHeaders : withBody(rawHeaders, headers),
      encrypted: true,
      upgradable: false,
      ...connection,
    },
    new Http2Client(stream, method === 'HEAD'),
    context.current(),
    context.watch,
  )
  stream.on('close', () => carrier.onClose())
  carrier.start()
}

/** HTTP/2 frames bodies itself; without a declared length the body is of unknown length, as with chunks. */
function withBody(rawHeaders: string[], headers: IncomingHttpHeaders): readonly string[] {
  return headers['content-length'] === undefined ? [...rawHeaders, 'transfer-encoding', 'chunked'] : rawHeaders
}
