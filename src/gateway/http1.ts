import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Refusal, refuse } from '../core/decision.ts'
import { GatewayCarrier } from './carrier.ts'
import type { CompiledSnapshot } from './compiled.ts'
import { Http1Client } from './http1-client.ts'
import type { Incoming } from './receive.ts'
import { SocketClient } from './socket-client.ts'
import type { TransferWatch } from './transfer-watch.ts'

/** What a protocol's server works with; `current` is read once per exchange. */
export interface ServingContext {
  readonly current: () => CompiledSnapshot
  readonly watch: TransferWatch
}

/** The HTTP/1.1 server. It is handed sockets by the listeners and never listens itself. */
export function createHttp1Server(context: ServingContext): Server {
  const { server: limits } = context.current()
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headerTimeoutMs,
    // The body's time is the transfer watch's business: a large upload may take long, a slow one may not.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    // Checked by intake, which answers with a problem.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  })
  // Node would silently cut longer lists; intake counts and refuses.
  server.maxHeadersCount = 0
  server.timeout = 0

  const accept = (request: IncomingMessage, response: ServerResponse) => {
    const carrier = new GatewayCarrier(
      toIncoming(request, false),
      new Http1Client(request, response),
      context.current(),
      context.watch,
    )
    response.on('close', () => carrier.onClose())
    carrier.start()
  }
  server.on('request', accept)
  // Both are answered by policies first: the body is asked for only when somebody wants to read it.
  server.on('checkContinue', accept)
  server.on('checkExpectation', accept)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (head.length > 0) socket.unshift(head)
    const carrier = acceptSocket(toIncoming(request, true), socket, context)
    if (isHandshake(request)) carrier.start()
    else carrier.startWithRefusal(refuse('upgrade_refused'))
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    acceptSocket(toIncoming(request, true), socket, context).startWithRefusal(refuse('method_not_implemented'))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    answerClientError(error, socket as Socket, context)
  })
  return server
}

function acceptSocket(incoming: Incoming, socket: Duplex, context: ServingContext): GatewayCarrier {
  const carrier = new GatewayCarrier(incoming, new SocketClient(socket), context.current(), context.watch)
  socket.once('close', () => carrier.onClose())
  return carrier
}

function toIncoming(request: IncomingMessage, upgradable: boolean): Incoming {
  const { socket } = request
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    httpVersion: request.httpVersion,
    authority: null,
    rawHeaders: request.rawHeaders,
    encrypted: 'encrypted' in socket,
    peer: socket.remoteAddress ?? '',
    upgradable,
  }
}

/** RFC 6455 section 4.2.1. */
function isHandshake(request: IncomingMessage): boolean {
  const { headers } = request
  return (
    request.method === 'GET' &&
    headers['sec-websocket-version'] === '13' &&
    /^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? '')
  )
}

/** Bytes that never became a request are answered too, so that such clients are limited, logged and counted. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket, context: ServingContext): void {
  // A reset needs no answer, and one that is under way must not be mixed with another.
  if (!socket.writable || error.code === 'ECONNRESET' || hasAnswerUnderWay(socket)) {
    socket.destroy()
    return
  }
  const incoming: Incoming = {
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    authority: null,
    rawHeaders: ['host', 'invalid'],
    encrypted: 'encrypted' in socket,
    peer: socket.remoteAddress ?? '',
    upgradable: false,
  }
  acceptSocket(incoming, socket, context).startWithRefusal(toRefusal(error))
}

function toRefusal(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return refuse('header_too_large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request_timeout', 'the header did not arrive in time')
    case 'HPE_INVALID_TRANSFER_ENCODING':
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return refuse('request_smuggling', error.code)
    default:
      return refuse('malformed_request', error.code)
  }
}

/** Node keeps the response that a socket is busy with under this name; there is no public one. */
function hasAnswerUnderWay(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage != null
}
