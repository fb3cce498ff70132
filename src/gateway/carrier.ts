import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { Answer, toAnswer } from '../core/answer.ts'
import type { BodyTransform } from '../core/body.ts'
import { type Refusal, refuse } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { deliver, fail, run, settle } from '../core/flow.ts'
import type { EndpointHandler } from '../core/policy.ts'
import type { ClientStream } from './client-stream.ts'
import type { CompiledForward, CompiledSnapshot } from './compiled.ts'
import { proofField } from './intake.ts'
import { exposedFields, type Incoming, type Reception, receive } from './receive.ts'
import { type BodyReader, ClientBody } from './request-body.ts'
import type { SocketClient } from './socket-client.ts'
import type { Transfer, TransferWatch } from './transfer-watch.ts'
import { joinTunnel } from './tunnel.ts'
import type { AnswerFraming, UpstreamCall, UpstreamFault, UpstreamHandler } from './upstream/dispatch.ts'
import { maskError } from './upstream-error.ts'
import { toUpstreamFields } from './upstream-fields.ts'

/** Bodies up to this size are collected before an upstream connection is taken. */
const collectBytes = 64 * 1024
/** A refused body that is at most this long is read to its end, so that the connection can be used again. */
const drainBytes = 64 * 1024
/** The most of an answer that is held for policies that read it whole. */
const maxBufferedAnswerBytes = 8 * 1024 * 1024

const noFields = new Fields()
const noBytes = Buffer.alloc(0)

type UpstreamForward = Extract<CompiledForward, { kind: 'upstream' }>

/** Carries one exchange between a client and an upstream. */
export class GatewayCarrier implements Carrier, UpstreamHandler, BodyReader, Transfer {
  readonly #client: ClientStream
  readonly #snapshot: CompiledSnapshot
  readonly #watch: TransferWatch
  readonly #reception: Reception
  readonly #body: ClientBody
  readonly exchange: Exchange

  #call: UpstreamCall | null = null
  #forward: UpstreamForward | null = null
  #held: Buffer[] | null = null
  #heldBytes = 0
  #framing: AnswerFraming = { length: null, declaredLength: null }
  #answered = 0
  #lastChunk: Buffer | null = null
  #collected: { answer: Answer; chunks: Buffer[]; bytes: number } | null = null
  #status = 0
  #sentHead = false
  #flushed = false
  #upstreamEnded = false
  #discards = false
  #waiting: { chunks: Buffer[]; ended: boolean; trailers: string[] | null } | null = null
  #transforms: BodyTransform[] | null = null
  #tunnel: { socket: Duplex; head: Buffer } | null = null
  #closed = false

  constructor(incoming: Incoming, client: ClientStream, snapshot: CompiledSnapshot, watch: TransferWatch) {
    this.#client = client
    this.#snapshot = snapshot
    this.#watch = watch
    this.#reception = receive(incoming, snapshot)
    const { intake, route, params, scheme } = this.#reception
    this.#body = new ClientBody(client.readable, intake === null ? 0 : intake.contentLength, () => this.#beginBody())
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
      upgrade: incoming.upgradable ? (intake?.upgrade ?? null) : null,
    })
    snapshot.enter()
    if (scheme === 'http' && snapshot.plainHttp !== null) this.#flagExposed()
  }

  start(): void {
    run(this.exchange)
  }

  /** The connection's parser failed: the exchange ends with this instead of an answer from behind. */
  startWithRefusal(refusal: Refusal): void {
    this.exchange.refusal = refusal
    fail(this.exchange, refusal)
  }

  #flagExposed(): void {
    if (this.#snapshot.plainHttp?.mode !== 'redirect') return
    for (const name of exposedFields(this.exchange.headers)) this.#snapshot.onExposed(this.exchange, name)
  }

  /** The client is served or gone. Called once, by the protocol's server. */
  onClose(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch.remove(this)
    const complete = this.#status !== 0 && this.#upstreamEnded
    this.#finish(!complete)
  }

  #finish(aborted: boolean): void {
    const outcome = { status: this.#status, bytesSent: this.#client.bytesSent, aborted }
    this.#body.cancel('the client broke off')
    if (this.#call !== null && !this.#upstreamEnded) this.#call.abort()
    this.#upstreamEnded = true
    if (this.exchange.settled) return
    settle(this.exchange, outcome)
    this.#snapshot.record(this.exchange, outcome)
    this.#snapshot.leave()
  }

  // Carrier

  forward(exchange: Exchange): void {
    const { end, intake, route } = this.#reception
    if (end !== null) {
      if (end.kind === 'refuse') fail(exchange, end)
      else deliver(exchange, toAnswer(end))
      return
    }
    if (intake?.proof && this.#snapshot.isProof(intake.proof, exchange)) {
      this.#toProber()
      return
    }
    switch (route.forward.kind) {
      case 'upstream':
        this.#toUpstream(route.forward)
        return
      case 'endpoint':
        this.#toEndpoint(route.forward.handle)
        return
      case 'handler':
      case 'none':
        fail(exchange, refuse('no_route'))
        return
    }
  }

  send(exchange: Exchange, answer: Answer): void {
    if (this.#closed) return
    this.#abandonUnreadBody()
    this.#status = answer.status
    this.#sentHead = true
    if (this.#tunnel !== null && answer.status === 101) {
      this.#openTunnel(answer, this.#tunnel)
      return
    }
    if (answer.source !== 'upstream' || answer.body !== null) {
      this.#sendWhole(exchange, answer)
      return
    }
    this.#transforms = answer.transforms
    const length = exchange.method === 'HEAD' ? this.#framing.declaredLength : this.#framing.length
    this.#client.sendHead(answer.status, answer.headers.flat, this.#transforms === null ? length : null)
    const waiting = this.#waiting
    if (waiting === null) return
    this.#waiting = null
    for (const chunk of waiting.chunks) this.#relay(chunk)
    if (waiting.ended) this.onEnd(waiting.trailers)
    else this.#call?.resume()
  }

  abort(): void {
    this.#client.reset()
    this.onClose()
  }

  #sendWhole(exchange: Exchange, answer: Answer): void {
    const body = answer.body ?? ''
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    this.#discardAnswer()
    this.#client.sendHead(answer.status, answer.headers.flat, length)
    this.#upstreamEnded = true
    this.#client.end(exchange.method === 'HEAD' ? null : body, null)
    this.#watchIfSlow()
  }

  /** What a refused client still wants to send is read on only where that is cheaper than a new connection. */
  #abandonUnreadBody(): void {
    if (!this.#body.unread) return
    const { declaredLength, received } = this.#body
    const waits = this.#reception.intake?.expectsContinue === true && received === 0
    if (waits || declaredLength === null || declaredLength - received > drainBytes) this.#client.abandonBody()
  }

  // Forwarding

  /** A prober's request goes as far as the upstream's door: its body is read and judged, then forgotten. */
  #toProber(): void {
    const passed = () => deliver(this.exchange, new Answer('reply', 204, new Fields([proofField, 'forwarded'])))
    if (this.#body.bytes !== null) passed()
    else this.#body.read({ onChunk() {}, onBodyEnd: passed, onRefuse: (refusal) => this.onRefuse(refusal) })
  }

  #toEndpoint(handle: EndpointHandler): void {
    const { exchange } = this
    const answer = handle(exchange)
    const settled = (result: Awaited<typeof answer>) => {
      if (result.kind === 'refuse') fail(exchange, result)
      else deliver(exchange, toAnswer(result))
    }
    if (!(answer instanceof Promise)) {
      settled(answer)
      return
    }
    answer.then(settled, (error: unknown) => {
      exchange.fault = error
      fail(exchange, refuse('internal_error', 'an endpoint threw'))
    })
  }

  #toUpstream(forward: UpstreamForward): void {
    this.#forward = forward
    const { bytes, declaredLength } = this.#body
    if (bytes !== null) {
      const bare = bytes.length === 0 && declaredLength === 0 && !carriesContent(this.exchange.method)
      this.#dispatch(bare ? 'none' : bytes)
      return
    }
    this.#held = []
    this.#body.read(this)
  }

  #dispatch(body: Buffer | { readonly length: number | null } | 'none'): void {
    const { exchange } = this
    const forward = this.#forward as UpstreamForward
    const path = forward.stripPrefix === null ? exchange.path : withoutPrefix(exchange.path, forward.stripPrefix)
    this.#call = forward.upstream.dispatch(
      {
        method: exchange.method,
        target: exchange.query === '' ? path : `${path}?${exchange.query}`,
        headers: toUpstreamFields(exchange, forward.preserveHost, this.#reception.intake?.takesTrailers ?? false),
        body,
        clientKey: exchange.client.key,
        upgrade: exchange.upgrade,
      },
      this,
    )
  }

  #beginBody(): void {
    if (this.#reception.intake?.expectsContinue) this.#client.sendContinue()
    this.#watch.add(this)
  }

  // BodyReader

  onChunk(chunk: Buffer): void {
    if (this.#held === null) {
      if (this.#call?.write(chunk) === false) this.#body.pause()
      return
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes <= collectBytes) return
    const held = this.#held
    this.#held = null
    this.#dispatch({ length: this.#body.declaredLength })
    let ready = true
    for (const part of held) ready = this.#call?.write(part) ?? true
    if (!ready) this.#body.pause()
  }

  /** End of the request body. */
  onBodyEnd(): void {
    this.#watch.remove(this)
    if (this.#held === null) {
      this.#call?.end(null)
      return
    }
    const body = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held)
    this.#held = null
    this.#dispatch(body.length === 0 ? noBytes : body)
  }

  onRefuse(refusal: Refusal): void {
    this.#watch.remove(this)
    this.#held = null
    this.#discardAnswer()
    fail(this.exchange, refusal)
  }

  // UpstreamHandler

  onWritable(): void {
    this.#body.resume()
  }

  onInterim(status: number, headers: string[]): void {
    if (!this.exchange.answered) this.#client.sendInterim(status, headers)
  }

  onHead(status: number, headers: string[], framing: AnswerFraming): void {
    const { exchange } = this
    exchange.target = this.#call?.target ?? null
    if (status >= 500 && !this.#reception.route.passUpstreamErrors) {
      this.#discards = true
      fail(exchange, maskError(status, headers))
      return
    }
    this.#framing = framing
    const answer = new Answer('upstream', status, new Fields(headers))
    if (exchange.pipeline.buffersAnswer && framing.length !== 0) this.#collected = { answer, chunks: [], bytes: 0 }
    else deliver(exchange, answer)
  }

  onData(chunk: Buffer): boolean {
    if (this.#discards) return this.#discard(chunk)
    if (this.#collected !== null) return this.#collect(this.#collected, chunk)
    if (!this.#sentHead) {
      this.#waiting ??= { chunks: [], ended: false, trailers: null }
      this.#waiting.chunks.push(chunk)
      return false
    }
    return this.#relay(chunk)
  }

  onPause(): void {
    if (!this.#sentHead || this.#flushed || this.#lastChunk !== null) return
    this.#flushed = true
    this.#client.flush()
  }

  onEnd(trailers: string[] | null): void {
    if (this.#discards) {
      this.#upstreamEnded = true
      return
    }
    if (this.#collected !== null) {
      const { answer, chunks } = this.#collected
      answer.body = Buffer.concat(chunks)
      this.#collected = null
      this.#upstreamEnded = true
      deliver(this.exchange, answer)
      return
    }
    if (!this.#sentHead) {
      this.#waiting ??= { chunks: [], ended: false, trailers: null }
      this.#waiting.ended = true
      this.#waiting.trailers = trailers
      return
    }
    this.#upstreamEnded = true
    let last = this.#lastChunk
    this.#lastChunk = null
    if (this.#transforms !== null) last = this.#transformEnd()
    this.#client.end(last, trailers)
    this.#watchIfSlow()
  }

  onUpgrade(headers: string[], socket: Duplex, head: Buffer): void {
    this.exchange.target = this.#call?.target ?? null
    this.#tunnel = { socket, head }
    deliver(this.exchange, new Answer('upstream', 101, new Fields(headers)))
  }

  onFault(fault: UpstreamFault): void {
    this.#upstreamEnded = true
    this.exchange.target = this.#call?.target ?? null
    if (this.#discards) return
    fail(this.exchange, refuse(fault.code, fault.detail))
  }

  #relay(chunk: Buffer): boolean {
    let out: Uint8Array | null = chunk
    if (this.#transforms !== null) {
      out = transformChunk(this.#transforms, chunk)
      if (out === null || out.length === 0) return true
    } else {
      this.#answered += chunk.length
      // The last chunk waits for the end, which comes at once, so that head and body leave in one write.
      if (this.#answered === this.#framing.length) {
        this.#lastChunk = chunk
        return true
      }
    }
    this.#flushed = true
    if (this.#client.write(out)) return true
    this.#watch.add(this)
    if (this.#client.buffered() < this.#watch.answerBufferBytes) return true
    this.#client.onDrain(() => this.#call?.resume())
    return false
  }

  #transformEnd(): Buffer | null {
    const parts: Uint8Array[] = []
    const transforms = this.#transforms as BodyTransform[]
    for (let i = 0; i < transforms.length; i++) {
      const tail = (transforms[i] as BodyTransform)(null)
      if (tail === null) continue
      const through = transformChunk(transforms.slice(i + 1), tail)
      if (through !== null) parts.push(through)
    }
    return parts.length === 0 ? null : Buffer.concat(parts)
  }

  #collect(collected: { chunks: Buffer[]; bytes: number }, chunk: Buffer): boolean {
    collected.chunks.push(chunk)
    collected.bytes += chunk.length
    if (collected.bytes <= maxBufferedAnswerBytes) return true
    this.#collected = null
    this.#discards = true
    fail(this.exchange, refuse('upstream_invalid', `an answer over ${maxBufferedAnswerBytes} bytes cannot be checked`))
    return true
  }

  /** Reads the rest of an answer that is not passed on, where it is short; ends the call where it is long. */
  #discard(chunk: Buffer): boolean {
    this.#heldBytes += chunk.length
    if (this.#heldBytes > drainBytes && !this.#upstreamEnded) {
      this.#upstreamEnded = true
      this.#call?.abort()
    }
    return true
  }

  #discardAnswer(): void {
    if (this.#call === null || this.#upstreamEnded || this.#discards) return
    this.#upstreamEnded = true
    this.#call.abort()
  }

  // Upgrades

  #openTunnel(answer: Answer, tunnel: { socket: Duplex; head: Buffer }): void {
    const client = this.#client as SocketClient
    answer.headers.set('connection', 'Upgrade')
    answer.headers.set('upgrade', this.exchange.upgrade ?? 'websocket')
    client.sendHead(101, answer.headers.flat, null)
    this.#upstreamEnded = true
    joinTunnel(client.socket, tunnel.socket, tunnel.head, this.#snapshot.server.idleTimeoutMs, (bytes) => {
      client.bytesSent += bytes
      this.onClose()
    })
  }

  // Transfer

  progress(): number {
    return this.#body.received + this.#client.bytesSent - this.#client.buffered()
  }

  waitsForClient(): boolean {
    return this.#client.buffered() > 0 || this.#body.waitsForClient
  }

  held(): number {
    return this.#client.buffered() + (this.#held === null ? 0 : this.#heldBytes)
  }

  onSlow(detail: string): void {
    if (this.exchange.answered) {
      this.exchange.fault = new Error(`the client reads too slowly: ${detail}`)
      this.abort()
      return
    }
    this.#body.cancel(detail, 'request_timeout')
  }

  #watchIfSlow(): void {
    if (!this.#closed && this.#client.buffered() > 0) this.#watch.add(this)
  }
}

/** RFC 9110 section 8.6: these methods anticipate content, so an empty body is said with a length of 0. */
function carriesContent(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH'
}

function withoutPrefix(path: string, prefix: string): string {
  const rest = path.slice(prefix.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function transformChunk(transforms: readonly BodyTransform[], chunk: Uint8Array): Uint8Array | null {
  let out: Uint8Array | null = chunk
  for (const transform of transforms) {
    if (out === null) return null
    out = transform(out)
  }
  return out
}
