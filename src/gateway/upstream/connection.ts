import type { Socket } from 'node:net'
import type { Call } from './call.ts'
import { type Clock, isOver } from './clock.ts'
import type { AnswerFraming } from './dispatch.ts'
import type { Endpoint } from './endpoint.ts'
import { describeError, type Failure } from './failure.ts'
import { InvalidRequest, toLastChunk } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseParser, type ResponseSink } from './response-parser.ts'

/** Bodies up to this size leave in one string with the head: that is one system call and no list of buffers. */
const joinedBytes = 16 * 1024
/** Without a word from the target: shorter than what servers commonly wait for. */
const defaultKeepAliveMs = 4_000
const maxKeepAliveMs = 60_000
/** What the target announces is taken with this much less, so that its end is not met by a request on the way. */
const keepAliveMarginMs = 1_000

const lineEnd = '\r\n'

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

  // The request
  #chunked = false
  #bodyLeft = 0
  #bodyDone = true
  #needsDrain = false
  #sentAt = 0
  #waitingBytes = 0
  #progressAt = 0

  // The answer
  #answered = false
  #hasHead = false
  #wantsPause = false
  #readAt = 0

  constructor(owner: ConnectionOwner, clock: Clock, socket: Socket, address: string) {
    this.#owner = owner
    this.#clock = clock
    this.socket = socket
    this.address = address
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

  get isFree(): boolean {
    return this.#call === null && !this.#gone
  }

  // Socket events

  onRead(bytes: Buffer, length: number): void {
    const call = this.#call
    this.#answered = true
    this.#readAt = this.#clock.now
    this.#parser.push(bytes, length)
    if (call === null || this.#call !== call || call.ended) return
    if (this.#wantsPause) this.#pauseReading(call)
    if (this.#hasHead) call.handler.onPause()
  }

  #takeEnd(): void {
    if (this.#gone || this.#parser.pushEnd()) return
    this.#fail('upstream_reset', `closed the connection ${this.#hasHead ? 'in the middle of' : 'before'} its answer`)
  }

  #takeDrain(): void {
    const call = this.#call
    if (call === null || !this.#needsDrain) return
    this.#needsDrain = false
    call.clientMovedAt = this.#clock.now
    if (!this.#bodyDone) call.handler.onWritable()
  }

  // The request

  send(call: Call): void {
    const { request } = call
    const { body } = request
    const head = call.head.withAuthority(this.#owner.endpoint.authority)
    const { now } = this.#clock
    this.#call = call
    this.#answered = false
    this.#hasHead = false
    this.#wantsPause = false
    this.#needsDrain = false
    this.#waitingBytes = 0
    this.#sentAt = now
    this.#progressAt = now
    this.#parser.expect(request)
    if (body === 'none') {
      this.#bodyDone = true
      this.socket.write(head, 'latin1')
    } else if (Buffer.isBuffer(body)) {
      this.#bodyDone = true
      this.#writeWhole(head, body)
    } else {
      this.#bodyDone = false
      this.#chunked = body.length === null
      this.#bodyLeft = body.length ?? Number.POSITIVE_INFINITY
      this.socket.write(head, 'latin1')
    }
  }

  #writeWhole(head: string, body: Buffer): void {
    const { socket } = this
    if (body.length <= joinedBytes) {
      socket.write(head + body.toString('latin1'), 'latin1')
      return
    }
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }

  /** Returns false when writing should wait for `onWritable`. */
  writeBody(chunk: Buffer): boolean {
    const call = this.#call
    if (call === null || this.#bodyDone) return true
    if (chunk.length > this.#bodyLeft) {
      this.#abandon({ code: 'malformed_request', detail: 'a body longer than declared' })
      return true
    }
    call.clientMovedAt = this.#clock.now
    if (chunk.length === 0) return !this.#needsDrain
    this.#bodyLeft -= chunk.length
    const ready = this.#chunked ? this.#writeChunk(chunk) : this.socket.write(chunk)
    if (!ready) this.#needsDrain = true
    return ready
  }

  #writeChunk(chunk: Buffer): boolean {
    const { socket } = this
    socket.cork()
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    socket.write(chunk)
    const ready = socket.write(lineEnd, 'latin1')
    socket.uncork()
    return ready
  }

  endBody(trailers: readonly string[] | null): void {
    const call = this.#call
    if (call === null || this.#bodyDone) return
    if (!this.#chunked && this.#bodyLeft > 0) {
      this.#abandon({ code: 'body_incomplete', detail: `${this.#bodyLeft} bytes of the declared body are missing` })
      return
    }
    if (this.#chunked) {
      let last: string
      try {
        last = toLastChunk(trailers)
      } catch (error) {
        if (!(error instanceof InvalidRequest)) throw error
        this.#abandon({ code: 'malformed_request', detail: error.message })
        return
      }
      this.socket.write(last, 'latin1')
    }
    this.#bodyDone = true
    this.#sentAt = this.#clock.now
    this.#owner.onUploadEnd(call)
  }

  // The answer

  onInterim(status: number, headers: string[]): void {
    this.#sentAt = this.#clock.now
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
    if (reusable && this.#bodyDone && socket.writableLength === 0 && !this.retired && this.#keepAliveMs > 0) {
      this.#idleSince = this.#clock.now
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
    this.#owner.onGone(this, call, null)
    socket.pause()
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
    const { now } = this.#clock
    this.#readAt = now
    call.clientMovedAt = now
    this.#owner.onResumed(call)
    this.socket.resume()
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
    return this.#clock.now - this.#idleSince >= this.#keepAliveMs
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
    const { now } = this.#clock
    const waiting = this.socket.writableLength
    if (waiting !== this.#waitingBytes || waiting === 0) {
      this.#waitingBytes = waiting
      this.#progressAt = now
    } else if (isOver(this.#clock, this.#progressAt, idleTimeoutMs)) {
      this.#fail('upstream_timeout', `took nothing of the request for ${idleTimeoutMs} ms`)
      return
    }
    if (!this.#bodyDone || waiting > 0) this.#sentAt = now
    if (!this.#hasHead) {
      if (isOver(this.#clock, this.#sentAt, firstByteTimeoutMs)) {
        this.#fail('upstream_timeout', `did not answer within ${firstByteTimeoutMs} ms`)
      }
    } else if (!call.isPaused && isOver(this.#clock, this.#readAt, idleTimeoutMs)) {
      this.#fail('upstream_timeout', `sent nothing of its answer for ${idleTimeoutMs} ms`)
    }
  }

  #fail(code: Failure['code'], detail: string): void {
    if (this.#gone) return
    const call = this.#call
    const stale = this.#served > 0 && !this.#answered && code === 'upstream_reset'
    this.#call = null
    this.#leave(call, {
      code,
      detail: `${this.#owner.endpoint.label}: ${detail}`,
      reach: stale ? 'stale' : 'sent',
      blamesTarget: !stale,
    })
  }

  /** The request, not the target, is why it ends. */
  #abandon(fault: { code: Failure['code']; detail: string }): void {
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
