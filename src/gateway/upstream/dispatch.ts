import type { Duplex } from 'node:stream'
import type { CoreCode } from '../../core/problems.ts'

/** One request as it goes onto an upstream connection. */
export interface UpstreamRequest {
  readonly method: string
  /** Path and query, normalised. */
  readonly target: string
  /**
   * Flat name/value pairs in lower case. Without `host` the chosen target's authority is sent. Framing
   * (`content-length`, `transfer-encoding`, `connection`) is the client's own business and never stands here; a `te`
   * among them is named in `connection`.
   */
  readonly headers: readonly string[]
  /**
   * The whole body, or how it will be written: `length` bytes, or chunked where that is null.
   * `none` sends no body and no length.
   */
  readonly body: Buffer | { readonly length: number | null } | 'none'
  /** Who sends it: the share of long transfers is counted by this key. */
  readonly clientKey: string
  /** The protocol to upgrade to, or null. */
  readonly upgrade: string | null
}

/** What comes back. Exactly one of `onEnd`, `onUpgrade` and `onFault` is called, and nothing after it. */
export interface UpstreamHandler {
  /** A 1xx answer other than 101. */
  onInterim(status: number, headers: string[]): void
  /** The head of the answer: flat pairs in lower case, hop-by-hop fields and framing removed. */
  onHead(status: number, headers: string[], body: AnswerFraming): void
  /** Returns false to stop reading until `resume()`. The chunk belongs to the handler. */
  onData(chunk: Buffer): boolean
  /** All bytes that had arrived are handed over and the answer goes on: send now what waits to be sent together. */
  onPause(): void
  onEnd(trailers: string[] | null): void
  onUpgrade(headers: string[], socket: Duplex, head: Buffer): void
  /** A streamed request body may be written again. */
  onWritable(): void
  onFault(fault: UpstreamFault): void
}

export interface AnswerFraming {
  /** Declared bytes; null for chunked or until-close answers, 0 where there can be no body. */
  readonly length: number | null
  /** `content-length` as the target sent it; unlike `length` it is also known for answers to HEAD. */
  readonly declaredLength: number | null
}

export interface UpstreamFault {
  readonly code: CoreCode
  /** For the log. */
  readonly detail: string
}

/** A request under way. */
export interface UpstreamCall {
  /** `host:port` of the target that was chosen; null while it waits for a connection. */
  readonly target: string | null
  /** Returns false when writing should wait for `onWritable`. */
  write(chunk: Buffer): boolean
  end(trailers: readonly string[] | null): void
  resume(): void
  /** Ends the call without a further callback; the connection is closed unless the answer was complete. */
  abort(): void
}

export interface Upstream {
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall
  /** Per target, for metrics and the health page. */
  status(): readonly TargetStatus[]
  /** Lets open calls end and closes idle connections; resolves when none is left. */
  close(): Promise<void>
}

export interface TargetStatus {
  readonly target: string
  readonly healthy: boolean
  readonly circuit: 'closed' | 'open' | 'half-open'
  readonly active: number
  readonly idle: number
  readonly queued: number
  /** Transfers that wait for their client, which are counted apart from `active`. */
  readonly slow: number
}
