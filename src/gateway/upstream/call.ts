import type { CallQueue } from './call-queue.ts'
import type { UpstreamConnection } from './connection.ts'
import type { UpstreamCall, UpstreamFault, UpstreamHandler, UpstreamRequest } from './dispatch.ts'
import type { Failure } from './failure.ts'
import { type RequestHead, toRequestHead } from './request-head.ts'
import type { Target } from './target.ts'

/** Finds a target for a call, again where an attempt failed and may be repeated. */
export interface Placement {
  onAttemptFailed(call: Call, failure: Failure): void
}

/** One request under way, over all of its attempts. */
export class Call implements UpstreamCall {
  readonly request: UpstreamRequest
  readonly handler: UpstreamHandler
  readonly #placement: Placement
  #head: RequestHead | null = null
  /** Where it was placed; null while it has no target. */
  at: Target | null = null
  connection: UpstreamConnection | null = null
  ended = false

  // Attempts
  tried: Target[] | null = null
  retriedStale = false
  retries = 0
  /** Only a connection that has not served yet will do. */
  needsFresh = false
  /** It is the one request that tries a target whose circuit was open. */
  isTrial = false
  /** The answer itself says that the target has failed. */
  isBlaming = false

  // Waiting
  queue: CallQueue | null = null
  queuedAt = 0

  // What slow clients are counted by
  isSlow = false
  isPaused = false
  isUploading: boolean
  /** When the client last took or sent something. */
  clientMovedAt = 0

  /** Parts of the body that came before there was a connection. */
  #held: Buffer[] | null = null
  #heldEnd: { readonly trailers: readonly string[] | null } | null = null

  constructor(request: UpstreamRequest, handler: UpstreamHandler, placement: Placement) {
    this.request = request
    this.handler = handler
    this.#placement = placement
    this.isUploading = this.isUpload
  }

  get head(): RequestHead {
    this.#head ??= toRequestHead(this.request)
    return this.#head
  }

  get target(): string | null {
    return this.at?.endpoint.label ?? null
  }

  /** The body comes piece by piece, at the pace of the client. */
  get isUpload(): boolean {
    const { body } = this.request
    return body !== 'none' && !Buffer.isBuffer(body)
  }

  write(chunk: Buffer): boolean {
    if (this.ended) return true
    if (this.connection !== null) return this.connection.writeBody(chunk)
    this.#held ??= []
    this.#held.push(chunk)
    return false
  }

  end(trailers: readonly string[] | null): void {
    if (this.ended) return
    if (this.connection !== null) this.connection.endBody(trailers)
    else this.#heldEnd = { trailers }
  }

  resume(): void {
    this.connection?.resumeReading()
  }

  abort(): void {
    if (this.ended) return
    const { connection, at } = this
    this.finish()
    if (connection !== null) connection.abort()
    else at?.pool.withdraw(this)
  }

  /** It has a connection: what was written until now goes out. */
  start(connection: UpstreamConnection): void {
    this.connection = connection
    connection.send(this)
    if (!this.isUpload || this.connection !== connection) return
    const held = this.#held
    this.#held = null
    let isReady = true
    if (held !== null) for (const chunk of held) isReady = connection.writeBody(chunk)
    if (this.connection !== connection) return
    if (this.#heldEnd !== null) connection.endBody(this.#heldEnd.trailers)
    else if (isReady && held !== null) this.handler.onWritable()
  }

  fail(failure: Failure): void {
    this.connection = null
    if (!this.ended) this.#placement.onAttemptFailed(this, failure)
  }

  /** The last thing that the handler hears, where it was a fault. */
  fault({ code, detail }: UpstreamFault): void {
    if (this.ended) return
    this.finish()
    this.handler.onFault({ code, detail })
  }

  /** The same, but not before the caller of `dispatch` holds the call. */
  faultSoon(fault: UpstreamFault): void {
    process.nextTick(() => this.fault(fault))
  }

  finish(): void {
    this.ended = true
    this.connection = null
    this.#held = null
  }
}
