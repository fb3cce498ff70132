import { type Refusal, refuse } from '../core/decision.ts'

/** What a client sees of a 5xx from behind: the kind of failure, never its text (ASVS v5.0.0-16.5.1). */
export function maskError(status: number, headers: readonly string[]): Refusal {
  const detail = `answered ${status}`
  const at = headers.indexOf('retry-after')
  const seconds = at === -1 ? Number.NaN : Number(headers[at + 1])
  return Number.isFinite(seconds)
    ? refuse(codeFor(status), detail, { retryAfterSeconds: seconds })
    : refuse(codeFor(status), detail)
}

function codeFor(status: number): string {
  switch (status) {
    case 502:
      return 'upstream_invalid'
    case 503:
      return 'upstream_unavailable'
    case 504:
      return 'upstream_timeout'
    default:
      return 'upstream_error'
  }
}
