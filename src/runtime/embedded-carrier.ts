import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Answer, toAnswer } from '../core/answer.ts'
import type { BodyTransform, BodyWatcher } from '../core/body.ts'
import type { ClientCertificate } from '../core/client-certificate.ts'
import { type Refusal, refuse } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { deliver, fail, run, settle } from '../core/flow.ts'
import type { EndpointHandler } from '../core/policy.ts'
import type { Principal } from '../core/principal.ts'
import type { ProbeAnswer } from '../core/probe.ts'
import type { CompiledSnapshot, Proof } from '../gateway/compiled.ts'
import type { CredentialWatch, HeldOpen } from '../gateway/credential-watch.ts'
import { dropOwnFields, notHeard } from '../gateway/drop-own-fields.ts'
import type { HeldBytes } from '../gateway/held-bytes.ts'
import { closeLingering } from '../gateway/linger.ts'
import { createProberReply, markProberAnswer, proberTarget } from '../gateway/prober-answer.ts'
import { proxyFieldsOf, type Reception, receive } from '../gateway/receive.ts'
import { transformChunk, transformWhole } from '../gateway/transforms.ts'
import { maskError } from '../gateway/upstream-error.ts'
import { showChunk, showWhole } from '../gateway/watchers.ts'
import { checkHoldable } from '../gateway/whole-answer.ts'
import { CollectedAnswer } from './collected-answer.ts'
import { EmbeddedBody } from './embedded-body.ts'
import { readEmbeddedCertificate } from './embedded-certificate.ts'
import { toEmbeddedIncoming } from './embedded-incoming.ts'
import {
  type Callback,
  type Chunk,
  type Encoding,
  guardMethods,
  lengthOf,
  type ResponseGuard,
  type ResponseMethods,
  takeOver,
  toBytes,
  toCallback,
  toKnownEncoding,
} from './guarded-response.ts'
import { takeHandlerFields } from './handler-fields.ts'
import { hideDropped } from './hide-dropped.ts'
import { showSetFields, takeSetFields } from './set-fields.ts'

/** A request that has passed Portcullis. */
export interface GuardedRequest extends IncomingMessage {
  /** Who is calling; null on public routes. */
  principal: Principal | null
  requestId: string
}

const noFields = new Fields()
const noBytes = Buffer.alloc(0)
/** Bodies up to this size leave in one write with the head. */
const joinedBytes = 16 * 1024

/** Carries an exchange between Node's request and response, with an application's handler in the place of an upstream. */
export class EmbeddedCarrier implements Carrier, ResponseGuard, HeldOpen {
  readonly exchange: Exchange
  readonly #request: GuardedRequest
  readonly #response: ServerResponse
  readonly #snapshot: CompiledSnapshot
  readonly #reception: Reception
  readonly #body: EmbeddedBody
  readonly #next: () => unknown
  readonly #credentials: CredentialWatch
  readonly #memory: HeldBytes
  #isHeldOpen = false
  /** The handler's answer is whole already. */
  #endsAtOnce = false
  /** A prober brought the answer. */
  #isProven = false
  readonly #own: ResponseMethods
  #bytesSent = 0
  /** `open`: the handler has not answered. `held`: `respond` hooks are deciding. `replaced`: another answer went out. */
  #state: 'open' | 'held' | 'passing' | 'replaced' = 'open'
  #heldCalls: (() => void)[] = []
  /** A held call has told the handler to wait for `drain`. */
  #waitsForDrain = false
  /** What the handler has answered so far, where policies read it whole. */
  #collected: CollectedAnswer | null = null
  #transforms: BodyTransform[] | null = null
  #watchers: BodyWatcher[] | null = null
  /** HTTP/2's `end` calls `write`, which is the guarded one, for its last chunk. */
  #isEnding = false

  /** @param url the whole target, where a framework has shortened `request.url` */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
    snapshot: CompiledSnapshot,
    next: () => unknown,
    credentials: CredentialWatch,
    memory: HeldBytes,
  ) {
    this.#request = request as GuardedRequest
    this.#response = response
    this.#snapshot = snapshot
    this.#next = next
    this.#credentials = credentials
    this.#memory = memory
    this.#own = takeOver(response, this)
    const { socket } = request
    const incoming = toEmbeddedIncoming(request, url)
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
      proxyFields: proxyFieldsOf(incoming, intake, snapshot),
    })
    snapshot.enter()
  }

  start(): void {
    run(this.exchange)
  }

  // Carrier

  forward(exchange: Exchange): void {
    const { end, intake, route } = this.#reception
    if (end !== null) {
      if (end.kind === 'refuse') fail(exchange, end)
      else {
        exchange.forwardedAt = 0
        deliver(exchange, toAnswer(end))
      }
      return
    }
    const proof = intake?.proof ? this.#snapshot.readProof(intake.proof, exchange) : null
    if (proof !== null) {
      const isOurs = route.forward.kind === 'endpoint' || route.forward.kind === 'none'
      this.#toProber(isOurs ? null : proof.answer)
    } else if (route.forward.kind === 'endpoint') this.#toEndpoint(route.forward.handle)
    else if (route.forward.kind === 'none') fail(exchange, refuse('no_route'))
    else this.#toHandler()
  }

  send(exchange: Exchange, answer: Answer): void {
    this.#collected?.showHead()
    if (answer.source === 'handler' && dropOwnFields(answer.headers.flat)) exchange.fault ??= notHeard()
    if (answer.source === 'handler' && this.#isProven) markProberAnswer(answer)
    if (answer.source !== 'handler' || answer.body !== null) {
      this.#state = 'replaced'
      this.#heldCalls = []
      this.#sendWhole(exchange, answer)
      return
    }
    this.#state = 'passing'
    const isBodyless = bodyless(exchange.method, answer.status)
    this.#watchers = isBodyless ? null : answer.watchers
    this.#transforms = isBodyless ? null : answer.transforms
    if (this.#transforms !== null) answer.headers.delete('content-length')
    this.#sendHead(answer)
    if (!this.#endsAtOnce && this.#heldCalls.length > 0) this.#holdOpen()
    const calls = this.#heldCalls
    this.#heldCalls = []
    for (const call of calls) call()
    if (this.#waitsForDrain && !this.#response.writableNeedDrain) this.#response.emit('drain')
  }

  /** An answer whose body is at hand: a refusal, a reply, or what the handler has answered in full. */
  #sendWhole(exchange: Exchange, answer: Answer): void {
    const isBodyless = bodyless(exchange.method, answer.status)
    const onSent = this.#collected?.onSent
    const body = answer.transforms === null ? (answer.body ?? '') : transformWhole(answer.transforms, answer.body)
    if (!isBodyless) {
      answer.headers.set('content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.length))
      answer.headers.delete('transfer-encoding')
    }
    this.#sendHead(answer)
    if (isBodyless) {
      this.#endWith(undefined, undefined, onSent)
      return
    }
    this.#bytesSent += body.length
    if (answer.watchers !== null) showWhole(exchange, answer.watchers, body)
    this.#endWith(body, undefined, onSent)
  }

  /** What the handler begins to send without ending it ends with the credential of its caller. */
  #holdOpen(): void {
    const { principal, pipeline } = this.exchange
    if (principal === null || this.#isHeldOpen || this.exchange.settled) return
    this.#isHeldOpen = true
    this.#credentials.add(this, principal.expiresAt, pipeline.recheckMs(this.exchange))
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
    return readEmbeddedCertificate(this.#request)
  }

  abort(): void {
    this.#response.destroy()
  }

  /** A prober's request goes as far as the handler's door: its body is read and judged, then forgotten. */
  #toProber(answer: Proof['answer']): void {
    this.#release(() => this.#readForProber(answer))
  }

  #readForProber(answer: Proof['answer']): void {
    const passed = () => {
      if (answer === null) deliver(this.exchange, createProberReply(this.exchange))
      else this.#answerAsHandler(answer)
    }
    // A body that was collected and is empty has told its end already.
    if (this.#body.bytes !== null) passed()
    else this.#request.once('end', passed)
    this.#request.resume()
  }

  /** Answers with what a prober brought by the methods that a handler would call. */
  #answerAsHandler({ status, headers, body }: Required<ProbeAnswer>): void {
    this.#isProven = true
    this.exchange.target = proberTarget
    const response = this.#response
    guardMethods(response)
    try {
      response.writeHead(status, headers.flat())
      response.end(body)
    } catch (error) {
      this.#fault(error)
    }
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
    this.#release(() => this.#hand())
  }

  /** Goes on where nothing is wrong with what has come of the body. */
  #release(goOn: () => void): void {
    const decide = (refusal: Refusal | null) => {
      // Meanwhile more of it came, and was refused, or the client went away.
      if (this.exchange.refusal !== null || this.exchange.settled) return
      if (refusal === null) goOn()
      else fail(this.exchange, refusal)
    }
    const verdict = this.#body.release()
    if (verdict instanceof Promise) verdict.then(decide, (error: unknown) => this.#fault(error))
    else decide(verdict)
  }

  #hand(): void {
    const request = this.#request
    const { exchange } = this
    request.principal = exchange.principal
    request.requestId = exchange.id
    hideDropped(request, exchange, this.#reception.intake?.target.query ?? '')
    // What an upstream would get: the token of who is logged in.
    const at = exchange.upstreamFields.indexOf('authorization')
    if (at !== -1) request.headers.authorization = exchange.upstreamFields[at + 1]
    guardMethods(this.#response)
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

  // The handler's answer

  /** The head as the handler gave it, by `setHeader` and by `writeHead`, goes through the `respond` hooks. */
  begin(status: number, given: OutgoingHttpHeaders | readonly unknown[] | undefined, whole: number | null): void {
    const { exchange } = this
    if (exchange.answered || this.#collected !== null) return
    if (status >= 500 && !this.#reception.route.passUpstreamErrors) {
      fail(exchange, maskError(status, []))
      return
    }
    const headers = takeHandlerFields(this.#response, given)
    if (whole !== null && !bodyless(exchange.method, status) && !headers.has('transfer-encoding')) {
      headers.setDefault('content-length', String(whole))
    }
    const answer = new Answer('handler', status, headers)
    const length = headers.get('content-length')
    if (length !== undefined) answer.declaredLength = Number(length)
    if (!bodyless(exchange.method, status) && exchange.pipeline.holdsAnswer(exchange, answer)) {
      const refusal = checkHoldable(headers)
      if (refusal === null) this.#collected = new CollectedAnswer(answer, this.#response, this.#memory)
      else fail(exchange, refusal)
      return
    }
    this.#state = 'held'
    deliver(exchange, answer)
  }

  write(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): boolean {
    if (this.#isEnding) return this.#own.write.call(this.#response, chunk, encoding, callback)
    const { exchange } = this
    if (!exchange.answered) this.begin(this.#response.statusCode, undefined, null)
    if (this.#collected !== null && !exchange.answered) {
      const refusal = this.#collected.write(chunk, encoding, callback)
      if (refusal !== null) fail(exchange, refusal)
      return true
    }
    if (this.#state === 'replaced') return true
    if (this.#state === 'passing') {
      this.#holdOpen()
      return this.#callWrite(chunk, encoding, callback)
    }
    this.#heldCalls.push(() => this.#callWrite(chunk, encoding, callback))
    this.#waitsForDrain = true
    return false
  }

  end(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): void {
    const { exchange } = this
    this.#endsAtOnce = true
    if (!exchange.answered) this.begin(this.#response.statusCode, undefined, lengthOf(chunk, encoding))
    if (this.#collected !== null && !exchange.answered) {
      const end = this.#collected.end(chunk, encoding, callback)
      if (end instanceof Answer) deliver(exchange, end)
      else fail(exchange, end)
    } else if (this.#state === 'passing') this.#callEnd(chunk, encoding, callback)
    else if (this.#state === 'held') this.#heldCalls.push(() => this.#callEnd(chunk, encoding, callback))
  }

  flushHeaders(): void {
    if (!this.exchange.answered) this.begin(this.#response.statusCode, undefined, null)
    if (this.#state === 'passing') {
      this.#holdOpen()
      this.#own.flushHeaders.call(this.#response)
    } else if (this.#state === 'held') this.#heldCalls.push(() => this.#own.flushHeaders.call(this.#response))
  }

  #callWrite(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): boolean {
    if (this.#transforms === null) {
      this.#count(chunk, encoding)
      return this.#own.write.call(this.#response, chunk, encoding, callback)
    }
    const out = this.#transform(() => transformChunk(this.#transforms ?? [], toBytes(chunk, encoding))) ?? noBytes
    this.#count(out, undefined)
    return this.#own.write.call(this.#response, out, undefined, toCallback(undefined, encoding, callback))
  }

  #callEnd(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): void {
    if (this.#transforms !== null) {
      const out = this.#transform(() => transformWhole(this.#transforms ?? [], toBytes(chunk, encoding)))
      this.#transforms = null
      if (out !== null) this.#callEnd(out, undefined, toCallback(chunk, encoding, callback))
      return
    }
    const isFirst = this.#bytesSent === 0
    this.#count(chunk, encoding)
    if (isFirst && Buffer.isBuffer(chunk) && chunk.length <= joinedBytes) {
      // Head and body as one string are one system call; a buffer makes it a vector of two, which costs more.
      this.#endWith(chunk.toString('latin1'), 'latin1', typeof encoding === 'function' ? encoding : callback)
    } else this.#endWith(chunk, encoding, callback)
    if (this.#watchers !== null) showChunk(this.exchange, this.#watchers, null)
  }

  /** A transform that throws ends the answer, and is not the handler's fault. */
  #transform(work: () => Uint8Array | null): Uint8Array | null {
    try {
      return work()
    } catch (error) {
      this.exchange.fault = error
      fail(this.exchange, refuse('internal_error', 'a policy threw'))
      return null
    }
  }

  #endWith(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): void {
    this.#isEnding = true
    try {
      this.#own.end.call(this.#response, chunk, encoding, callback)
    } finally {
      this.#isEnding = false
    }
  }

  /** @param chunk as `write` and `end` are given it: a text with or without its encoding, bytes, or a callback alone */
  #count(chunk: Chunk, encoding: Encoding): void {
    this.#bytesSent += lengthOf(chunk, encoding)
    if (this.#watchers === null) return
    if (typeof chunk === 'string')
      showChunk(this.exchange, this.#watchers, Buffer.from(chunk, toKnownEncoding(encoding)))
    else if (chunk instanceof Uint8Array) showChunk(this.exchange, this.#watchers, chunk)
  }

  #sendHead(answer: Answer): void {
    const response = this.#response
    const taken = takeSetFields(response)
    if (taken !== null) {
      // biome-ignore lint/suspicious/noExplicitAny: the declaration lacks the flat form, which is documented
      this.#own.writeHead.call(response, answer.status, answer.headers.flat as any)
      if (taken) showSetFields(response, answer.headers)
      return
    }
    const names = response.getHeaderNames()
    for (let i = 0; i < names.length; i++) response.removeHeader(names[i] as string)
    if (response.headersSent) return
    // Node would take each field away once more before it adds it to what `setHeader` was given.
    if (names.length > 0 || this.#request.httpVersionMajor === 2) {
      for (let i = 0; i < answer.headers.flat.length; i += 2) {
        response.appendHeader(answer.headers.flat[i] as string, answer.headers.flat[i + 1] as string)
      }
      this.#own.writeHead.call(response, answer.status)
      return
    }
    // biome-ignore lint/suspicious/noExplicitAny: the declaration lacks the flat form, which is documented
    this.#own.writeHead.call(response, answer.status, answer.headers.flat as any)
  }

  onClose(): void {
    const { exchange } = this
    if (exchange.settled) return
    if (this.#isHeldOpen) this.#credentials.remove(this)
    this.#collected?.release()
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

function bodyless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304 || status < 200
}
