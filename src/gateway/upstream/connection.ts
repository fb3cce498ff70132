import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import type { Call } from './call.ts'
import type { AnswerFraming, UpstreamFault } from './dispatch.ts'
import type { Endpoint } from './endpoint.ts'
import { describeError, type Failure } from './failure.ts'
import { Patience } from './patience.ts'
import { RequestWriter } from './request-writer.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseParser, type ResponseSink } from './response-parser.ts'

/** Without a word from the target: shorter than what servers commonly wait for. */
const defaultKeepAliveMs = 4_000
const maxKeepAliveMs = 60_000
/** What the target announces is taken with this much less, so that its end is not met by a request on the way. */
const keepAliveMarginMs = 1_000

/** Whom a connection belongs to. */
export interface ConnectionOwner {
  readonly endpoint: Endpoint
  onStatus(call: Call, status: number): void
  onAnswered(call: Call): void
  /** It may carry another call. */
  onFree(connection: UpstreamConnection, call: Call): void
  /** It is closed; `failure` is what the call on it is to hear. */
  onGone(connection: UpstreamConnection, call: Call | null, failure: Failure | null): void
  /** The reader of the answer does not keep up. */
  onPaused(call: Call): void
  onResumed(call: Call): void
  /** The last byte of a streamed body was written. */
  onUploadEnd(call: Call): void
}

/** One open connection to a target, which carries one call at a time. */
export class UpstreamConnection implements ResponseSink {
  readonly socket: Socket
  /** The address that it goes to. */
  readonly address: string
  readonly #owner: ConnectionOwner
  readonly #clock: Clock
  readonly #writer: RequestWriter
  readonly #patience: Patience
  readonly #parser = new ResponseParser(this)
  #call: Call | null = null
  #served = 0
  #gone = false
  /** Ends with its call: its address vanished, or the upstream closes. */
  retired = false
  #keepAliveMs = defaultKeepAliveMs
  #idleSince = 0

  readonly #onEnd = () => this.#takeEnd()
  readonly #onError = (error: Error) => this.#fail('upstream_reset', describeError(error))
  readonly #onDrain = () => this.#takeDrain()

  #hasAnswer = false
  #hasHead = false
  #wantsPause = false
  /** Bytes that came after reading was paused: TLS hands over what it has decrypted all the same. */
  #late: Buffer[] = []

  constructor(owner: ConnectionOwner, clock: Clock, socket: Socket, address: string) {
    this.#owner = owner
    this.#clock = clock
    this.socket = socket
    this.address = address
    this.#writer = new RequestWriter(socket)
    this.#patience = new Patience(clock)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('drain', this.#onDrain)
  }

  #detach(): void {
    const { socket } = this
    socket.removeAllListeners('data')
    socket.removeListener('end', this.#onEnd)
    socket.removeListener('close', this.#onEnd)
    socket.removeListener('error', this.#onError)
    socket.removeListener('drain', this.#onDrain)
  }

  get isReused(): boolean {
    return this.#served > 0
  }

  /** A streamed body is held up by the target, not by its client. */
  get isBlocked(): boolean {
    return this.#writer.isBlocked
  }

  get isFree(): boolean {
    return this.#call === null && !this.#gone
  }

  // Socket events

  onRead(bytes: Buffer, length: number): void {
    const call = this.#call
    if (call?.isPaused) {
      this.#late.push(Buffer.from(bytes.subarray(0, length)))
      return
    }
    this.#hasAnswer = true
    this.#patience.onRead()
    this.#parser.push(bytes, length)
    if (call === null || this.#call !== call || call.ended) return
    if (this.#wantsPause) this.#pauseReading(call)
    if (this.#hasHead && !call.ended) call.handler.onPause()
  }

  #takeEnd(): void {
    if (this.#gone || this.#parser.pushEnd()) return
    this.#fail('upstream_reset', `closed the connection ${this.#hasHead ? 'in the middle of' : 'before'} its answer`)
  }

  #takeDrain(): void {
    const call = this.#call
    const writer = this.#writer
    if (call === null || !writer.isBlocked) return
    writer.isBlocked = false
    call.clientMovedAt = this.#clock.now
    if (!writer.isDone) call.handler.onWritable()
  }

  // The request

  send(call: Call): void {
    this.#call = call
    this.#hasAnswer = false
    this.#hasHead = false
    this.#wantsPause = false
    this.#patience.onSend()
    this.#parser.expect(call.request)
    this.#writer.begin(call.head.withAuthority(this.#owner.endpoint.authority), call.request.body)
  }

  /** Returns false when writing should wait for `onWritable`. */
  writeBody(chunk: Buffer): boolean {
    const writer = this.#writer
    if (this.#call === null || writer.isDone) return true
    this.#call.clientMovedAt = this.#clock.now
    const isReady = writer.write(chunk)
    if (writer.problem !== null) this.#abandon(writer.problem)
    return isReady
  }

  endBody(trailers: readonly string[] | null): void {
    const call = this.#call
    const writer = this.#writer
    if (call === null || writer.isDone) return
    writer.end(trailers)
    if (writer.problem !== null) {
      this.#abandon(writer.problem)
      return
    }
    this.#patience.onSent()
    this.#owner.onUploadEnd(call)
  }

  // The answer

  onInterim(status: number, headers: string[]): void {
    this.#patience.onSent()
    this.#call?.handler.onInterim(status, headers)
  }

  onAnswerHead(head: ResponseHead, framing: AnswerFraming): void {
    const call = this.#call as Call
    this.#hasHead = true
    this.#keepAliveMs = keepAliveOf(head)
    this.#owner.onStatus(call, head.status)
    call.handler.onHead(head.status, head.headers, framing)
  }

  onContent(chunk: Buffer): void {
    if (this.#call?.handler.onData(chunk) === false) this.#wantsPause = true
  }

  onComplete(trailers: string[] | null, reusable: boolean): void {
    const call = this.#call as Call
    const { socket } = this
    this.#call = null
    this.#served += 1
    call.finish()
    this.#owner.onAnswered(call)
    if (reusable && this.#writer.isDone && socket.writableLength === 0 && !this.retired && this.#keepAliveMs > 0) {
      this.#idleSince = performance.now()
      this.#owner.onFree(this, call)
    } else {
      this.#leave(call)
    }
    call.handler.onEnd(trailers)
  }

  onSwitch(head: ResponseHead, rest: Buffer): void {
    const call = this.#call as Call
    const { socket } = this
    this.#call = null
    this.#gone = true
    call.finish()
    this.#owner.onStatus(call, head.status)
    this.#owner.onAnswered(call)
    this.#owner.onGone(this, call, null)
    // Whoever takes it over listens for data when ready for it; until then nothing may get lost.
    socket.pause()
    socket.readableFlowing = null
    this.#detach()
    call.handler.onUpgrade(head.headers, socket, rest)
  }

  onInvalid(detail: string): void {
    this.#fail('upstream_invalid', detail)
  }

  resumeReading(): void {
    this.#wantsPause = false
    const call = this.#call
    if (call === null || !call.isPaused) return
    this.#patience.onRead()
    call.clientMovedAt = this.#clock.now
    this.#owner.onResumed(call)
    if (this.#late.length > 0) this.#readLate()
    // Also where that was the end of the answer: the connection serves on.
    if (this.#call !== call || !call.isPaused) this.socket.resume()
  }

  /** In one piece, so that what follows a complete answer is still seen to follow it. */
  #readLate(): void {
    const bytes = Buffer.concat(this.#late)
    this.#late = []
    this.onRead(bytes, bytes.length)
  }

  #pauseReading(call: Call): void {
    this.#wantsPause = false
    if (call.isPaused) return
    this.socket.pause()
    call.clientMovedAt = this.#clock.now
    this.#owner.onPaused(call)
  }

  // Its end

  /** The call is not wanted any more. */
  abort(): void {
    const call = this.#call
    this.#call = null
    if (call !== null) this.#leave(call)
  }

  /** Closes the connection; a call on it fails. */
  evict(detail: string): void {
    this.#abandon({ code: 'upstream_overloaded', detail })
  }

  /** Whether an idle connection may not be used any more. */
  isExpired(): boolean {
    return performance.now() - this.#idleSince >= this.#keepAliveMs
  }

  /** Closes an idle connection. */
  close(): void {
    if (this.#gone) return
    this.#leave(null)
  }

  /** Called by the sweep. */
  checkTimeouts(firstByteTimeoutMs: number, idleTimeoutMs: number): void {
    const call = this.#call
    if (call === null) return
    const progress = {
      isWritten: this.#writer.isDone,
      unsentBytes: this.socket.writableLength,
      hasHead: this.#hasHead,
      isPaused: call.isPaused,
    }
    const problem = this.#patience.check(progress, firstByteTimeoutMs, idleTimeoutMs)
    if (problem !== null) this.#fail('upstream_timeout', problem)
  }

  #fail(code: Failure['code'], detail: string): void {
    if (this.#gone) return
    const call = this.#call
    const stale = this.#served > 0 && !this.#hasAnswer && code === 'upstream_reset'
    this.#call = null
    this.#leave(call, {
      code,
      detail: `${this.#owner.endpoint.label}: ${detail}`,
      reach: stale ? 'stale' : 'sent',
      blamesTarget: !stale,
    })
  }

  /** The request, not the target, is why it ends. */
  #abandon(fault: UpstreamFault): void {
    const call = this.#call
    this.#call = null
    this.#leave(call, { ...fault, reach: 'sent', blamesTarget: false })
  }

  #leave(call: Call | null, failure: Failure | null = null): void {
    if (this.#gone) return
    this.#gone = true
    this.#parser.stop()
    this.socket.destroy()
    this.#owner.onGone(this, call, failure)
  }
}

function keepAliveOf(head: ResponseHead): number {
  if (head.keepAliveMs === null) return defaultKeepAliveMs
  return Math.min(head.keepAliveMs, maxKeepAliveMs) - keepAliveMarginMs
}
