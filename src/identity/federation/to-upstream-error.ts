import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import { OutboundError } from '../../outbound/outbound-error.ts'
import { UpstreamError } from './upstream.ts'

/** What other servers answer where a person said no. */
const denials = new Set([
  'access_denied',
  'user_cancelled_authorize',
  'user_denied',
  'consent_required',
  'login_required',
])
const absences = new Set(['server_error', 'temporarily_unavailable'])
const away = new Set(['unreachable', 'timeout'])

export function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error
  if (error instanceof AuthorizationResponseError) {
    const failure = denials.has(error.error) ? 'denied' : absences.has(error.error) ? 'unavailable' : 'failed'
    return new UpstreamError(failure, `it answered ${cut(error.error)}`)
  }
  if (error instanceof ResponseBodyError) {
    return new UpstreamError(error.status >= 500 ? 'unavailable' : 'failed', `it answered ${cut(error.error)}`)
  }
  // What is beneath may hold what was sent: of it, only our own errors are told.
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (!(cause instanceof OutboundError)) continue
    const isAway = away.has(cause.code) || cause.status >= 500
    return new UpstreamError(isAway ? 'unavailable' : 'failed', cause.message)
  }
  if (isServerFault(error)) return new UpstreamError('unavailable', 'it answered with a fault of its own')
  return new UpstreamError('failed', cut(error instanceof Error ? error.message : String(error)))
}

function isServerFault(error: unknown): boolean {
  const response = error instanceof Error ? error.cause : undefined
  return response instanceof Response && response.status >= 500
}

function cut(text: string): string {
  return text.slice(0, 200)
}
