import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Answer, toAnswer } from '../core/answer.ts'
import type { BodyWatcher } from '../core/body.ts'
import { refuse } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { deliver, fail, run, settle } from '../core/flow.ts'
import type { EndpointHandler } from '../core/policy.ts'
import type { Principal } from '../core/principal.ts'
import type { CompiledSnapshot } from '../gateway/compiled.ts'
import { proofField } from '../gateway/intake.ts'
import { closeLingering } from '../gateway/linger.ts'
import { type Reception, receive } from '../gateway/receive.ts'
import { maskError } from '../gateway/upstream-error.ts'
import { showChunk, showWhole } from '../gateway/watchers.ts'
import { EmbeddedBody } from './embedded-body.ts'

/** A request that has passed Portcullis. */
export interface GuardedRequest extends IncomingMessage {
  /** Who is calling; null on public routes. */
  principal: Principal | null
  requestId: string
}

type Write = ServerResponse['write']
type End = (this: ServerResponse, chunk?: string | Uint8Array) => ServerResponse
type WriteHead = ServerResponse['writeHead']

const carrierKey = Symbol('portcullis')
type GuardedResponse = ServerResponse & { [carrierKey]?: EmbeddedCarrier }

const noFields = new Fields()

/** Carries an exchange between Node's request and response, with an application's handler in the place of an upstream. */
export class EmbeddedCarrier implements Carrier {
  readonly exchange: Exchange
  readonly #request: GuardedRequest
  readonly #response: GuardedResponse
  readonly #snapshot: CompiledSnapshot
  readonly #reception: Reception
  readonly #body: EmbeddedBody
  readonly #next: () => unknown
  readonly #writeHead: WriteHead
  readonly #write: Write
  readonly #end: End
  #bytesSent = 0
  /** `open`: the handler has not answered. `held`: `respond` hooks are deciding. `replaced`: another answer went out. */
  #state: 'open' | 'held' | 'passing' | 'replaced' = 'open'
  #heldCalls: (() => void)[] = []
  #watchers: BodyWatcher[] | null = null

  /** @param url the whole target, where a framework has shortened `request.url` */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
    snapshot: CompiledSnapshot,
    next: () => unknown,
  ) {
    this.#request = request as GuardedRequest
    this.#response = response
    this.#snapshot = snapshot
    this.#next = next
    this.#writeHead = response.writeHead
    this.#write = response.write as Write
    this.#end = response.end as End
    const { socket } = request
    const incoming = {
      method: request.method ?? '',
      url,
      httpVersion: request.httpVersion,
      authority: (request.headers[':authority'] as string | undefined) ?? null,
      rawHeaders: request.rawHeaders,
      encrypted: 'encrypted' in socket,
      peer: socket.remoteAddress ?? '',
      upgradable: false,
    }
    this.#reception = receive(incoming, snapshot)
    const { intake, route, params, scheme } = this.#reception
    this.#body = new EmbeddedBody(request, intake === null ? 0 : intake.contentLength, (refusal) => {
      response.shouldKeepAlive = false
      if (request.httpVersionMajor === 1) socket.destroySoon = () => closeLingering(socket)
      fail(this.exchange, refusal)
    })
    this.exchange = new Exchange({
      id: randomUUID(),
      method: incoming.method,
      scheme,
      httpVersion: incoming.httpVersion,
      host: intake?.host ?? '',
      path: intake?.target.path ?? '/',
      query: intake?.target.query ?? '',
      headers: intake?.headers ?? new Fields(),
      client: snapshot.client.resolve(incoming.peer, intake?.forwarding ?? noFields),
      body: this.#body,
      route: route.info,
      params,
      pipeline: route.pipeline,
      carrier: this,
      receivedAt: Date.now(),
      startedAt: performance.now(),
      upgrade: null,
    })
    snapshot.enter()
    response.once('close', () => this.#onClose())
  }

  start(): void {
    run(this.exchange)
  }

  // Carrier

  forward(exchange: Exchange): void {
    const { end, intake, route } = this.#reception
    if (end !== null) {
      if (end.kind === 'refuse') fail(exchange, end)
      else deliver(exchange, toAnswer(end))
    } else if (intake?.proof && this.#snapshot.isProof(intake.proof, exchange)) this.#toProber()
    else if (route.forward.kind === 'endpoint') this.#toEndpoint(route.forward.handle)
    else if (route.forward.kind === 'none') fail(exchange, refuse('no_route'))
    else this.#toHandler()
  }

  send(exchange: Exchange, answer: Answer): void {
    if (answer.source === 'handler') {
      this.#state = 'passing'
      this.#watchers = bodyless(exchange.method, answer.status) ? null : answer.watchers
      this.#sendHead(answer)
      for (const call of this.#heldCalls) call()
      this.#heldCalls = []
      return
    }
    this.#state = 'replaced'
    this.#heldCalls = []
    const body = answer.body ?? ''
    if (!bodyless(exchange.method, answer.status)) {
      answer.headers.set('content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.length))
    }
    this.#sendHead(answer)
    this.#bytesSent += body.length
    if (bodyless(exchange.method, answer.status)) {
      this.#end.call(this.#response)
      return
    }
    if (answer.watchers !== null) showWhole(exchange, answer.watchers, body)
    this.#end.call(this.#response, body)
  }

  abort(): void {
    this.#response.destroy()
  }

  /** A prober's request goes as far as the handler's door: its body is read and judged, then forgotten. */
  #toProber(): void {
    const refusal = this.#body.release()
    if (refusal !== null) {
      fail(this.exchange, refusal)
      return
    }
    const passed = () => deliver(this.exchange, new Answer('reply', 204, new Fields([proofField, 'forwarded'])))
    this.#request.once('end', passed).resume()
  }

  #toEndpoint(handle: EndpointHandler): void {
    const { exchange } = this
    Promise.resolve(handle(exchange)).then(
      (result) => {
        if (result.kind === 'refuse') fail(exchange, result)
        else deliver(exchange, toAnswer(result))
      },
      (error: unknown) => this.#fault(error),
    )
  }

  #toHandler(): void {
    const refusal = this.#body.release()
    if (refusal !== null) {
      fail(this.exchange, refusal)
      return
    }
    const request = this.#request
    const { exchange } = this
    request.principal = exchange.principal
    request.requestId = exchange.id
    this.#hideConsumed()
    const response = this.#response
    response[carrierKey] = this
    response.writeHead = guardedWriteHead as WriteHead
    response.write = guardedWrite as Write
    response.end = guardedEnd as ServerResponse['end']
    try {
      const result = this.#next()
      if (result instanceof Promise) result.catch((error: unknown) => this.#fault(error))
    } catch (error) {
      this.#fault(error)
    }
  }

  #fault(error: unknown): void {
    this.exchange.fault = error
    fail(this.exchange, refuse('internal_error', 'the handler threw'))
  }

  /** What policies consumed or intake dropped, the application does not see either. */
  #hideConsumed(): void {
    const { flat } = this.exchange.headers
    const { headers } = this.#request
    for (const name of dropped) {
      if (headers[name] !== undefined && !flat.includes(name)) delete headers[name]
    }
    for (const name in headers) if (name.startsWith('portcullis-')) delete headers[name]
  }

  // The handler's answer

  /** The head as the handler gave it, by `setHeader` and by `writeHead`, goes through the `respond` hooks. */
  begin(status: number, given: OutgoingHttpHeaders | readonly unknown[] | undefined, whole: number | null): void {
    const { exchange } = this
    if (exchange.answered) return
    if (status >= 500 && !this.#reception.route.passUpstreamErrors) {
      fail(exchange, maskError(status, []))
      return
    }
    const headers = takeHeaders(this.#response, given)
    if (whole !== null && !bodyless(exchange.method, status) && !headers.has('transfer-encoding')) {
      headers.setDefault('content-length', String(whole))
    }
    this.#state = 'held'
    deliver(exchange, new Answer('handler', status, headers))
  }

  write(call: () => void, bytes: number): void {
    if (this.#state === 'replaced') return
    this.#bytesSent += bytes
    if (this.#state === 'held') this.#heldCalls.push(call)
    else call()
  }

  callWrite(args: unknown[]): boolean {
    if (this.#state !== 'passing') return false
    if (this.#watchers !== null) this.#show(this.#watchers, args)
    return Reflect.apply(this.#write, this.#response, args) as boolean
  }

  callEnd(args: unknown[]): void {
    const watchers = this.#watchers
    // Over HTTP/2, `end` hands its chunk to `write`, where it is shown.
    if (watchers !== null && this.#request.httpVersionMajor !== 2) this.#show(watchers, args)
    Reflect.apply(this.#end, this.#response, args)
    if (watchers !== null) showChunk(this.exchange, watchers, null)
  }

  /** What `write` and `end` are given: a text with or without its encoding, bytes, or a callback alone. */
  #show(watchers: readonly BodyWatcher[], [chunk, encoding]: unknown[]): void {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return
    const known = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
    showChunk(this.exchange, watchers, typeof chunk === 'string' ? Buffer.from(chunk, known) : chunk)
  }

  #sendHead(answer: Answer): void {
    const response = this.#response
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    if (response.headersSent) return
    if (this.#request.httpVersionMajor === 2) {
      for (let i = 0; i < answer.headers.flat.length; i += 2) {
        response.appendHeader(answer.headers.flat[i] as string, answer.headers.flat[i + 1] as string)
      }
      this.#writeHead.call(response, answer.status)
      return
    }
    // biome-ignore lint/suspicious/noExplicitAny: the declaration lacks the flat form, which is documented
    this.#writeHead.call(response, answer.status, answer.headers.flat as any)
  }

  #onClose(): void {
    const { exchange } = this
    if (exchange.settled) return
    const response = this.#response
    const outcome = {
      status: response.headersSent ? response.statusCode : 0,
      bytesSent: this.#bytesSent,
      aborted: !response.writableFinished,
    }
    settle(exchange, outcome)
    this.#snapshot.record(exchange, outcome)
    this.#snapshot.leave()
  }
}

/** Credential fields that a policy may have consumed. */
const dropped = ['authorization', 'x-api-key', 'cookie', 'proxy-authorization']

// Shared by all responses, so that guarding one makes no closures.

function guardedWriteHead(this: GuardedResponse, status: number, reason?: unknown, headers?: unknown): GuardedResponse {
  const given = typeof reason === 'string' ? headers : reason
  this[carrierKey]?.begin(status, given as OutgoingHttpHeaders | undefined, null)
  return this
}

function guardedWrite(this: GuardedResponse, ...args: unknown[]): boolean {
  const carrier = this[carrierKey] as EmbeddedCarrier
  if (!carrier.exchange.answered) carrier.begin(this.statusCode, undefined, null)
  let ready = true
  carrier.write(() => {
    ready = carrier.callWrite(args)
  }, lengthOf(args[0]))
  return ready
}

function guardedEnd(this: GuardedResponse, ...args: unknown[]): GuardedResponse {
  const carrier = this[carrierKey] as EmbeddedCarrier
  const length = lengthOf(args[0])
  if (!carrier.exchange.answered) carrier.begin(this.statusCode, undefined, length)
  carrier.write(() => carrier.callEnd(args), length)
  return this
}

function lengthOf(chunk: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk)
  return chunk instanceof Uint8Array ? chunk.length : 0
}

/** Fields of `setHeader`, replaced by those of `writeHead` where both name one. */
function takeHeaders(response: ServerResponse, given: OutgoingHttpHeaders | readonly unknown[] | undefined): Fields {
  const fields = new Fields()
  for (const name of response.getHeaderNames()) append(fields, name, response.getHeader(name))
  if (given === undefined || given === null) return fields
  const pairs = Array.isArray(given) ? toPairs(given) : Object.entries(given)
  for (const [name] of pairs) fields.delete(name.toLowerCase())
  for (const [name, value] of pairs) append(fields, name.toLowerCase(), value as string)
  return fields
}

function toPairs(list: readonly unknown[]): [string, unknown][] {
  if (Array.isArray(list[0])) return list as [string, unknown][]
  const pairs: [string, unknown][] = []
  for (let i = 0; i < list.length; i += 2) pairs.push([String(list[i]), list[i + 1]])
  return pairs
}

function append(fields: Fields, name: string, value: number | string | readonly string[] | undefined): void {
  if (value === undefined) return
  if (Array.isArray(value)) for (const entry of value) fields.append(name, String(entry))
  else fields.append(name, String(value))
}

function bodyless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304 || status < 200
}
