import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServerOptions } from '../config/snapshot.ts'
import { refuse } from '../core/decision.ts'
import { GatewayCarrier } from './carrier.ts'
import { type CarriedRequest, carrierKey, handleClientError } from './client-error.ts'
import type { CompiledSnapshot } from './compiled.ts'
import { type Closing, Http1Client } from './http1-client.ts'
import { awaitRest, closeLingering } from './linger.ts'
import type { Incoming } from './receive.ts'
import { SocketClient } from './socket-client.ts'
import type { TransferWatch } from './transfer-watch.ts'

/** What a protocol's server works with; `current` is read once per exchange. */
export interface ServingContext {
  readonly current: () => CompiledSnapshot
  readonly watch: TransferWatch
  /** Called with a fault of ours that ended a request before it was an exchange. */
  readonly onFault: (error: unknown) => void
}

/** Requests of one connection that may wait for their answers: as many as HTTP/2 streams. */
const maxPipelined = 100

const pipelined = Symbol('pipelined')
type CountedSocket = Socket & { [pipelined]?: number }

/** The HTTP/1.1 server. It is handed sockets by the listeners and never listens itself. */
export function createHttp1Server(context: ServingContext, listener: Closing): Server {
  const { server: limits } = context.current()
  const server = createServer({
    // The body's time is the transfer watch's business: a large upload may take long, a slow one may not.
    requestTimeout: 0,
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
  configureHttp1(server, limits)

  const accept = (request: IncomingMessage, response: ServerResponse) => {
    try {
      acceptRequest(request, response, context, listener)
    } catch (error) {
      request.socket.destroy()
      context.onFault(error)
    }
  }
  const acceptBare = (request: IncomingMessage, socket: Duplex, start: (carrier: GatewayCarrier) => void) => {
    socket.on('error', () => socket.destroy())
    try {
      start(acceptSocket(toIncoming(request, true), socket, context))
    } catch (error) {
      socket.destroy()
      context.onFault(error)
    }
  }
  server.on('request', accept)
  // Both are answered by policies first: the body is asked for only when somebody wants to read it.
  server.on('checkContinue', accept)
  server.on('checkExpectation', accept)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head)
    acceptBare(request, socket, (carrier) => {
      if (isHandshake(request)) carrier.start()
      else carrier.startWithRefusal(refuse('upgrade_refused'))
    })
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    acceptBare(request, socket, (carrier) => carrier.startWithRefusal(refuse('method_not_implemented')))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, duplex: Duplex) => {
    const socket = duplex as Socket
    handleClientError(error, socket, (refusal) => {
      acceptSocket(toGarbage(socket), socket, context).startWithRefusal(refusal)
    })
  })
  return server
}

/** Takes over limits that a reload has changed; connections that are open keep their header limit. */
export function configureHttp1(server: Server, limits: ServerOptions): void {
  const adjustable: Server & { maxHeaderSize?: number } = server
  adjustable.maxHeaderSize = limits.maxHeaderBytes
  server.headersTimeout = limits.headerTimeoutMs
  server.keepAliveTimeout = limits.keepAliveTimeoutMs
}

function acceptRequest(
  request: CarriedRequest,
  response: ServerResponse,
  context: ServingContext,
  listener: Closing,
): void {
  const { socket } = request
  // RFC 9112 section 9.6: what comes after the last answer is not served.
  if (socket.destroyed || socket.writableEnded) return
  // A response without a socket waits behind another.
  if (response.socket === null && !countPipelined(socket, response)) return
  const client = new Http1Client(request, response, listener)
  const carrier = new GatewayCarrier(toIncoming(request, false), client, context.current(), context.watch)
  request[carrierKey] = carrier
  response.on('close', () => {
    carrier.onClose()
    if (carrier.endsConnection) closeLingering(socket)
    else if (!request.complete) awaitRest(request)
  })
  carrier.start()
}

/** False where too many wait: the connection is ended. */
function countPipelined(socket: CountedSocket, response: ServerResponse): boolean {
  const waiting = (socket[pipelined] ?? 0) + 1
  if (waiting > maxPipelined) {
    socket.destroy()
    return false
  }
  socket[pipelined] = waiting
  response.once('close', () => {
    socket[pipelined] = (socket[pipelined] ?? 1) - 1
  })
  return true
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

/** Stands for bytes that are no request. */
function toGarbage(socket: Socket): Incoming {
  return {
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    authority: null,
    rawHeaders: ['host', 'invalid'],
    encrypted: 'encrypted' in socket,
    peer: socket.remoteAddress ?? '',
    upgradable: false,
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
