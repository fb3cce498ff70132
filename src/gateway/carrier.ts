import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { Answer, toAnswer } from '../core/answer.ts'
import type { BodyTransform, BodyWatcher } from '../core/body.ts'
import type { ClientCertificate } from '../core/client-certificate.ts'
import { type Refusal, type Reply, refuse } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { deliver, fail, run, settle } from '../core/flow.ts'
import type { EndpointHandler } from '../core/policy.ts'
import type { ProbeAnswer } from '../core/probe.ts'
import { AnswerBacklog } from './answer-backlog.ts'
import { BodyParts } from './body-parts.ts'
import type { ClientStream, TunnelClient } from './client-stream.ts'
import type { CompiledForward, CompiledSnapshot, Proof } from './compiled.ts'
import type { HeldOpen } from './credential-watch.ts'
import { dropOwnFields, notHeard } from './drop-own-fields.ts'
import type { PeerCertificate } from './peer-certificate.ts'
import { createProberReply, markProberAnswer, proberTarget } from './prober-answer.ts'
import { exposedFields, type Incoming, proxyFieldsOf, type Reception, receive } from './receive.ts'
import { type BodyOwner, type BodyReader, ClientBody } from './request-body.ts'
import type { Transfer, TransferWatch, Waiting } from './transfer-watch.ts'
import { transformChunk, transformEnd, transformWhole } from './transforms.ts'
import { joinTunnel } from './tunnel.ts'
import type { AnswerFraming, UpstreamCall, UpstreamFault, UpstreamHandler } from './upstream/dispatch.ts'
import { maskError } from './upstream-error.ts'
import { toUpstreamFields } from './upstream-fields.ts'
import { showChunk, showWhole } from './watchers.ts'
import { checkHoldable, WholeAnswer } from './whole-answer.ts'

/** Bodies up to this size are collected before an upstream connection is taken. */
const collectBytes = 64 * 1024
/** What is refused, of a body or an answer, is read to its end up to this size, so that the connection can be used again. */
const drainBytes = 64 * 1024

const noFields = new Fields()
const noBytes = Buffer.alloc(0)

type UpstreamForward = Extract<CompiledForward, { kind: 'upstream' }>

/** Carries one exchange between a client and an upstream. */
export class GatewayCarrier implements Carrier, UpstreamHandler, BodyReader, BodyOwner, Transfer, HeldOpen {
  readonly #client: ClientStream
  readonly #snapshot: CompiledSnapshot
  readonly #watch: TransferWatch
  readonly #reception: Reception
  readonly #body: ClientBody
  readonly #certificate: PeerCertificate | null
  readonly exchange: Exchange
  #closed = false
  #isHeldOpen = false
  /** Bytes that are held for this exchange and counted by the watch. */
  #heldBytes = 0

  // The request on its way to the upstream
  #forward: UpstreamForward | null = null
  #call: UpstreamCall | null = null
  #callOver = true
  #collected: BodyParts | null = null
  #collectedBytes = 0

  // The answer on its way back
  #framing: AnswerFraming = { length: null, declaredLength: null }
  #whole: WholeAnswer | null = null
  #discards = false
  #discardedBytes = 0
  #answered = 0
  /** What came before the `respond` hooks had decided. */
  #waiting: { readonly chunks: Buffer[]; ended: boolean; trailers: string[] | null } | null = null
  #overtaken = false
  /** A prober brought it. */
  #isProven = false
  #tunnel: { readonly socket: Duplex; readonly head: Buffer } | null = null

  // The answer as the client gets it
  #status = 0
  #sentHead = false
  #flushed = false
  #transforms: BodyTransform[] | null = null
  #watchers: BodyWatcher[] | null = null
  #lastChunk: Buffer | null = null
  #backlog: AnswerBacklog | null = null

  constructor(incoming: Incoming, client: ClientStream, snapshot: CompiledSnapshot, watch: TransferWatch) {
    this.#client = client
    this.#snapshot = snapshot
    this.#watch = watch
    this.#certificate = incoming.certificate ?? null
    this.#reception = receive(incoming, snapshot)
    const { intake, route, params, scheme } = this.#reception
    this.#body = new ClientBody(client.body, intake === null ? 0 : intake.contentLength, this)
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
      proxyFields: proxyFieldsOf(incoming, intake, snapshot),
    })
    snapshot.enter()
    if (scheme === 'http' && snapshot.plainHttp !== null) this.#flagExposed()
  }

  start(): void {
    const { end, atOnce } = this.#reception
    if (end !== null && atOnce) this.#answer(end)
    else run(this.exchange)
  }

  /** For bytes that are no request, and requests that go no further: the exchange ends with this. */
  startWithRefusal(refusal: Refusal): void {
    fail(this.exchange, refusal)
  }

  #flagExposed(): void {
    if (this.#snapshot.plainHttp?.mode !== 'redirect') return
    for (const name of exposedFields(this.exchange.headers)) this.#snapshot.onExposed(this.exchange, name)
  }

  /** The client is served or gone. */
  onClose(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch.remove(this)
    if (this.#isHeldOpen) this.#watch.credentials.remove(this)
    this.#finish({
      status: this.#status,
      bytesSent: this.#client.bytesSent,
      aborted: this.#status === 0 || !this.#client.complete,
    })
  }

  #finish(outcome: { status: number; bytesSent: number; aborted: boolean }): void {
    const { exchange } = this
    if (!exchange.answered) this.#body.cancel('the client broke off')
    this.#body.discard()
    // The rest of an answer that is not passed on is short, and its connection can be used again.
    if (!this.#discards) this.#abandonCall()
    this.#tunnel?.socket.destroy()
    this.#backlog?.clear()
    this.#waiting = null
    this.#whole = null
    this.#release()
    try {
      settle(exchange, outcome)
      this.#snapshot.record(exchange, outcome)
    } finally {
      this.#snapshot.leave()
    }
  }

  // Carrier

  forward(exchange: Exchange): void {
    const { end, intake, route } = this.#reception
    if (end !== null) {
      if (end.kind === 'reply') exchange.forwardedAt = 0
      this.#answer(end)
      return
    }
    const proof = intake?.proof ? this.#snapshot.readProof(intake.proof, exchange) : null
    if (proof !== null) {
      this.#toProber(route.forward.kind === 'upstream' ? proof.answer : null)
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
    if (this.#overtaken) {
      this.#sendProblem(exchange)
      return
    }
    this.#abandonUnreadBody()
    if (answer.source === 'upstream' && dropOwnFields(answer.headers.flat)) exchange.fault ??= notHeard()
    if (answer.source === 'upstream' && this.#isProven) markProberAnswer(answer)
    this.#status = answer.status
    this.#sentHead = true
    const tunnel = this.#tunnel
    if (tunnel !== null && answer.status === 101) {
      this.#openTunnel(answer, tunnel)
      this.#holdOpen()
    } else if (answer.source !== 'upstream' || answer.body !== null) {
      this.#sendWhole(exchange, answer)
    } else {
      this.#transforms = answer.transforms
      this.#watchers = answer.watchers
      const length = exchange.method === 'HEAD' ? this.#framing.declaredLength : this.#framing.length
      this.#client.sendHead(answer.status, answer.headers.flat, this.#transforms === null ? length : null)
      this.#holdOpen()
      this.#sendWaiting()
    }
  }

  /** What is not sent at once ends with the credential of its caller. */
  #holdOpen(): void {
    const { principal } = this.exchange
    if (principal === null || this.#closed) return
    this.#isHeldOpen = true
    this.#watch.credentials.add(this, principal.expiresAt, this.exchange.pipeline.recheckMs(this.exchange))
  }

  get startedAt(): number {
    return this.exchange.startedAt
  }

  stillHolds(): Promise<boolean> {
    return this.exchange.pipeline.stillHolds(this.exchange)
  }

  onCredentialEnd(): void {
    this.#isHeldOpen = false
    fail(this.exchange, refuse('credential_ended'))
  }

  clientCertificate(): ClientCertificate | null {
    return this.#certificate === null ? null : this.#certificate.read()
  }

  /** Ends an answer that was sent in part; one that still waits for `respond` hooks is replaced by a problem. */
  abort(): void {
    if (this.#sentHead) this.#reset()
    else this.#overtaken = true
  }

  #reset(): void {
    this.#client.reset()
    this.onClose()
  }

  #sendProblem(exchange: Exchange): void {
    this.#overtaken = false
    const refusal = exchange.refusal ?? refuse('internal_error')
    const ready = exchange.pipeline.respond(exchange, exchange.pipeline.problem(exchange, refusal))
    if (ready instanceof Promise) ready.then((answer) => this.#guard(() => this.send(exchange, answer)))
    else this.send(exchange, ready)
  }

  #sendWhole(exchange: Exchange, answer: Answer): void {
    const bytes = answer.transforms === null ? (answer.body ?? '') : transformWhole(answer.transforms, answer.body)
    const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length
    if (!this.#discards) this.#abandonCall()
    this.#tunnel?.socket.destroy()
    this.#client.sendHead(answer.status, answer.headers.flat, length)
    if (answer.watchers !== null && exchange.method !== 'HEAD') showWhole(exchange, answer.watchers, bytes)
    if (exchange.method === 'HEAD') this.#client.end(null, null)
    else if (length <= drainBytes) this.#client.end(bytes, null)
    else this.#sendLarge(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    this.#watchIfSlow()
  }

  #sendLarge(bytes: Uint8Array): void {
    this.#fallBehind(this.#client.write(bytes.subarray(0, drainBytes))).push(bytes.subarray(drainBytes))
    this.#release()
    this.#backlog?.end(null)
  }

  #sendWaiting(): void {
    const waiting = this.#waiting
    if (waiting === null) return
    this.#waiting = null
    for (const chunk of waiting.chunks) this.#relay(chunk)
    if (waiting.ended) this.onEnd(waiting.trailers)
    else this.#call?.resume()
  }

  /** What a refused client still wants to send is read on only where that is cheaper than a new connection. */
  #abandonUnreadBody(): void {
    const { intake } = this.#reception
    if (intake !== null) {
      if (!this.#body.unread) return
      const { declaredLength, received } = this.#body
      const waits = intake.expectsContinue && received === 0
      if (!waits && declaredLength !== null && declaredLength - received <= drainBytes) return
    }
    // Of a request that could not be read nobody knows where it ends.
    this.#client.abandonBody()
  }

  // Forwarding

  #answer(end: Refusal | Reply): void {
    if (end?.kind === 'refuse') fail(this.exchange, end)
    else if (end?.kind === 'reply') deliver(this.exchange, toAnswer(end))
    else this.#takeFault(new TypeError(`an endpoint returned ${JSON.stringify(end)}`))
  }

  /** A prober's request goes as far as the upstream's door: its body is read and judged, then forgotten. */
  #toProber(answer: Proof['answer']): void {
    const passed = () => {
      if (answer === null) deliver(this.exchange, createProberReply(this.exchange))
      else this.#guard(() => this.#answerAsUpstream(answer))
    }
    if (this.#body.bytes !== null) passed()
    else this.#body.read({ onChunk() {}, onBodyEnd: passed, onRefuse: (refusal) => this.onRefuse(refusal) })
  }

  /** Takes what a prober brought the way that every answer takes. */
  #answerAsUpstream({ status, headers, body }: Required<ProbeAnswer>): void {
    this.#isProven = true
    this.exchange.target = proberTarget
    const bytes = Buffer.from(body)
    const hasBody = bytes.length > 0 && this.exchange.method !== 'HEAD'
    this.onHead(status, headers.flat(), { length: hasBody ? bytes.length : 0, declaredLength: bytes.length })
    if (hasBody) this.onData(bytes)
    this.onEnd(null)
  }

  #toEndpoint(handle: EndpointHandler): void {
    const answer = handle(this.exchange)
    if (answer instanceof Promise) {
      answer.then(
        (end) => this.#guard(() => this.#answer(end)),
        (error: unknown) => this.#takeFault(error),
      )
    } else this.#answer(answer)
  }

  #toUpstream(forward: UpstreamForward): void {
    this.#forward = forward
    const { bytes, declaredLength } = this.#body
    if (bytes !== null) {
      const bare = bytes.length === 0 && declaredLength === 0 && !carriesContent(this.exchange.method)
      this.#dispatch(bare ? 'none' : bytes)
      return
    }
    this.#collected = new BodyParts()
    this.#body.read(this)
  }

  #dispatch(body: Buffer | { readonly length: number | null } | 'none'): void {
    const { exchange } = this
    const forward = this.#forward as UpstreamForward
    const path = forward.stripPrefix === null ? exchange.path : withoutPrefix(exchange.path, forward.stripPrefix)
    this.#callOver = false
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

  #abandonCall(): void {
    if (this.#callOver) return
    this.#callOver = true
    this.#call?.abort()
  }

  // BodyOwner

  beforeBody(): void {
    if (this.#reception.intake?.expectsContinue) this.#client.sendContinue()
    this.#watch.add(this)
  }

  holdBody(bytes: number): boolean {
    if (!this.#watch.hasRoom(bytes)) return false
    this.#heldBytes += bytes
    this.#watch.hold(bytes)
    return true
  }

  onInspectorFault(error: unknown): void {
    this.exchange.fault = error
  }

  #release(): void {
    this.#watch.release(this.#heldBytes)
    this.#heldBytes = 0
  }

  // BodyReader

  onChunk(chunk: Buffer): void {
    if (this.#collected === null) {
      if (this.#call?.write(chunk) === false) this.#body.pause()
      return
    }
    if (!this.holdBody(chunk.length)) {
      this.#body.cancel('no memory is left for bodies that are collected', 'overloaded')
      return
    }
    this.#collected.push(chunk)
    this.#collectedBytes += chunk.length
    if (this.#collectedBytes > collectBytes) this.#guard(() => this.#startStreaming())
  }

  #startStreaming(): void {
    const collected = this.#collected as BodyParts
    this.#collected = null
    this.#dispatch({ length: this.#body.declaredLength })
    let ready = true
    for (const part of collected.toList()) ready = this.#call?.write(part) ?? true
    if (!ready) this.#body.pause()
    this.#release()
  }

  onBodyEnd(): void {
    this.#unwatchUnlessSlow()
    const collected = this.#collected
    if (collected === null) {
      this.#call?.end(null)
      return
    }
    this.#collected = null
    const body = collected.toBuffer()
    this.#guard(() => this.#dispatch(body.length === 0 ? noBytes : body))
  }

  onRefuse(refusal: Refusal): void {
    this.#unwatchUnlessSlow()
    this.#collected = null
    if (!this.#discards) this.#abandonCall()
    fail(this.exchange, refusal)
  }

  // UpstreamHandler

  onWritable(): void {
    this.#body.resume()
  }

  onInterim(status: number, headers: string[]): void {
    if (this.exchange.answered) return
    dropOwnFields(headers)
    this.#client.sendInterim(status, headers)
  }

  onHead(status: number, headers: string[], framing: AnswerFraming): void {
    const { exchange } = this
    if (this.#call !== null) exchange.target = this.#call.target
    if (status >= 500 && !this.#reception.route.passUpstreamErrors) {
      this.#discards = true
      fail(exchange, maskError(status, headers))
      return
    }
    this.#framing = framing
    const answer = new Answer('upstream', status, new Fields(headers))
    answer.declaredLength = framing.length
    if (framing.length === 0 || !exchange.pipeline.holdsAnswer(exchange, answer)) {
      deliver(exchange, answer)
      return
    }
    const refusal = checkHoldable(answer.headers)
    if (refusal === null) this.#whole = new WholeAnswer(answer)
    else fail(exchange, refusal)
  }

  onData(chunk: Buffer): boolean {
    if (this.#discards) return this.#discard(chunk)
    if (this.#whole !== null) return this.#keep(this.#whole, chunk)
    if (this.#sentHead) return this.#relay(chunk)
    this.#waiting ??= { chunks: [], ended: false, trailers: null }
    this.#waiting.chunks.push(chunk)
    return false
  }

  onPause(): void {
    if (!this.#sentHead || this.#flushed || this.#lastChunk !== null) return
    this.#flushed = true
    this.#client.flush()
  }

  onEnd(trailers: string[] | null): void {
    this.#callOver = true
    if (this.#discards) return
    if (trailers !== null) dropOwnFields(trailers)
    if (this.#whole !== null) {
      const answer = this.#whole.end()
      this.#whole = null
      deliver(this.exchange, answer)
    } else if (!this.#sentHead) {
      this.#waiting ??= { chunks: [], ended: false, trailers: null }
      this.#waiting.ended = true
      this.#waiting.trailers = trailers
    } else this.#endAnswer(trailers)
  }

  onUpgrade(headers: string[], socket: Duplex, head: Buffer): void {
    this.#callOver = true
    this.exchange.target = this.#call?.target ?? null
    // Until the two sides are joined nobody else listens.
    socket.on('error', () => socket.destroy())
    this.#tunnel = { socket, head }
    deliver(this.exchange, new Answer('upstream', 101, new Fields(headers)))
  }

  onFault(fault: UpstreamFault): void {
    this.#callOver = true
    this.exchange.target = this.#call?.target ?? null
    if (this.#discards) return
    this.#whole = null
    fail(this.exchange, refuse(fault.code, fault.detail))
  }

  #relay(chunk: Buffer): boolean {
    let out: Uint8Array | null = chunk
    if (this.#transforms !== null) {
      out = this.#transform(this.#transforms, chunk)
      if (out === null || out.length === 0) return true
    }
    if (this.#watchers !== null) showChunk(this.exchange, this.#watchers, out)
    if (this.#transforms === null) {
      this.#answered += chunk.length
      // The last chunk waits for the end, which comes at once, so that head and body leave in one write.
      if (this.#answered === this.#framing.length) {
        this.#lastChunk = chunk
        return true
      }
    }
    this.#flushed = true
    if (this.#backlog !== null) return this.#backlog.push(out)
    if (!this.#client.write(out)) this.#fallBehind(false)
    return true
  }

  #endAnswer(trailers: string[] | null): void {
    let last: Uint8Array | null = this.#lastChunk
    this.#lastChunk = null
    if (this.#transforms !== null) last = this.#transform(this.#transforms, null)
    if (this.#closed) return
    if (this.#watchers !== null) this.#showEnd(this.#watchers, last)
    // Trailers tell of the bytes as they came, digests above all.
    const sent = this.#transforms === null ? trailers : null
    if (this.#backlog === null) this.#client.end(last, sent)
    else {
      if (last !== null) this.#backlog.push(last)
      this.#backlog.end(sent)
    }
    this.#watchIfSlow()
  }

  /** The last chunk as it came was shown before; only what transforms left at the end is new. */
  #showEnd(watchers: readonly BodyWatcher[], last: Uint8Array | null): void {
    if (this.#transforms !== null && last !== null) showChunk(this.exchange, watchers, last)
    showChunk(this.exchange, watchers, null)
  }

  #transform(transforms: readonly BodyTransform[], chunk: Buffer | null): Uint8Array | null {
    try {
      return chunk === null ? transformEnd(transforms) : transformChunk(transforms, chunk)
    } catch (error) {
      this.#takeFault(error)
      return null
    }
  }

  /** Keeps a chunk of an answer that policies read whole. */
  #keep(whole: WholeAnswer, chunk: Buffer): boolean {
    const refusal = whole.push(chunk, (bytes) => this.holdBody(bytes))
    if (refusal !== null) this.#refuseWhole(refusal)
    return true
  }

  #refuseWhole(refusal: Refusal): void {
    this.#whole = null
    this.#discards = true
    fail(this.exchange, refusal)
  }

  /** Reads the rest of an answer that is not passed on, where it is short; ends the call where it is long. */
  #discard(chunk: Buffer): boolean {
    this.#discardedBytes += chunk.length
    if (this.#discardedBytes > drainBytes) this.#abandonCall()
    return true
  }

  // Upgrades

  #openTunnel(answer: Answer, tunnel: { readonly socket: Duplex; readonly head: Buffer }): void {
    const client = this.#client as TunnelClient
    const released = client.openTunnel(answer.headers.flat, this.exchange.upgrade ?? 'websocket')
    const onSent = (bytes: number) => {
      client.bytesSent += bytes
    }
    joinTunnel(released, tunnel, this.#snapshot.server.idleTimeoutMs, onSent, () => this.onClose())
  }

  // Transfer

  progress(): number {
    return this.#body.received + this.#client.bytesSent - this.#client.buffered()
  }

  waitsFor(): Waiting {
    if (this.#backlog?.waits || this.#client.buffered() > 0) return 'reader'
    return this.#body.waitsForClient ? 'sender' : 'nobody'
  }

  onSlow(detail: string): void {
    if (this.exchange.answered) {
      this.exchange.fault ??= new Error(`the client is too slow: ${detail}`)
      this.#reset()
    } else this.#body.cancel(detail, 'request_timeout')
  }

  #fallBehind(ready: boolean): AnswerBacklog {
    this.#backlog = new AnswerBacklog(this.#client, this.#watch, ready, () => this.#call?.resume())
    this.#watch.add(this)
    return this.#backlog
  }

  #watchIfSlow(): void {
    if (!this.#closed && this.waitsFor() === 'reader') this.#watch.add(this)
  }

  /** The request has come; its answer may be on its way to a reader who is slow. */
  #unwatchUnlessSlow(): void {
    if (this.waitsFor() !== 'reader') this.#watch.remove(this)
  }

  // Faults of ours

  /** Runs what was called by a stream's event, where a throw would end the whole thread. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#takeFault(error)
    }
  }

  #takeFault(error: unknown): void {
    this.exchange.fault = error
    this.#abandonCall()
    fail(this.exchange, refuse('internal_error', 'a fault of the gateway or of a policy'))
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
