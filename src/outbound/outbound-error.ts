/** Why an outbound request gave no answer that may be used. */
export type OutboundErrorCode =
  | 'url_invalid'
  | 'http_refused'
  | 'address_refused'
  | 'redirect_refused'
  | 'unreachable'
  | 'timeout'
  | 'too_large'
  | 'encoding_refused'
  | 'status_unexpected'
  | 'not_json'

/** The message names the origin at most: paths and queries may hold secrets. */
export class OutboundError extends Error {
  readonly code: OutboundErrorCode
  /** The status of the answer where there was one, else 0. */
  readonly status: number

  constructor(code: OutboundErrorCode, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'OutboundError'
    this.code = code
    this.status = options.status ?? 0
  }
}
