import { STATUS_CODES } from 'node:http'
import type { Answer } from '../../core/answer.ts'
import { type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { createStatusProblem } from '../../core/problem.ts'
import { type Decoded, decodeBody } from '../../input/decode-body.ts'
import { parseMediaType, toBodyKind } from '../../input/media-type.ts'
import { findLeak } from './leaks.ts'
import type { ErrorMaskingOptions } from './options.ts'

/** What is searched of a body; one that is longer is none that an error needs, and is replaced. */
const maxBytes = 256 * 1024
/** What describes the body that is not sent. */
const ofBody =
  /^(?:content-(?!security-policy)|etag$|last-modified$|accept-ranges$|repr-digest$|digest$|expires$|transfer-encoding$)/

export function createErrorMasking({ replace }: ErrorMaskingOptions, deps: PolicyDeps): Hooks {
  const masked = deps.meter.counter('portcullis_errors_masked_total', 'Error bodies from behind that were replaced')

  /** 5xx are replaced before any policy sees them, unless the route says otherwise. */
  function respond(exchange: Exchange, answer: Answer): Next | Refusal | Promise<Next | Refusal> {
    const { source, status, body } = answer
    if ((source !== 'upstream' && source !== 'handler') || status < 400 || status > 499) return next
    if (body === null || body.length === 0) return next
    const settle = (why: string | null) => (why === null ? next : mask(exchange, answer, why))
    const why = judge(answer, typeof body === 'string' ? Buffer.from(body) : body)
    return why instanceof Promise ? why.then(settle) : settle(why)
  }

  function judge({ headers }: Answer, bytes: Uint8Array): string | null | Promise<string | null> {
    const media = parseMediaType(headers.get('content-type') ?? 'text/plain')
    if (replace === 'all' && media?.essence !== 'application/problem+json') return 'any body'
    // An image tells nothing; a type that nobody can read may be a text.
    if (media !== null && toBodyKind(media.essence) === 'binary') return null
    const judgeDecoded = (plain: Decoded) => (plain.ok ? judgeText(plain.bytes) : 'cannot be read')
    const plain = decodeBody(bytes, headers.all('content-encoding').join(','), maxBytes)
    return plain instanceof Promise ? plain.then(judgeDecoded) : judgeDecoded(plain)
  }

  function mask(exchange: Exchange, answer: Answer, why: string): Next | Refusal {
    if (deps.mode === 'observe') return refuse('error_leak', why)
    masked.add()
    deps.log.warn('error_masked', { requestId: exchange.id, route: deps.route.id, status: answer.status, why })
    const { headers, status } = answer
    for (const name of new Set(headers.flat.filter((_, at) => at % 2 === 0)))
      if (ofBody.test(name)) headers.delete(name)
    headers.set('content-type', 'application/problem+json')
    headers.set('cache-control', 'no-store')
    answer.body = createStatusProblem(exchange, status, STATUS_CODES[status] ?? 'The request failed')
    return next
  }

  return { respond, responseBody: 'buffer', needsAnswer: (_, { status }) => status >= 400 }
}

function judgeText(bytes: Uint8Array): string | null {
  if (bytes.length > maxBytes) return 'longer than 256 KiB'
  return findLeak(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
}
