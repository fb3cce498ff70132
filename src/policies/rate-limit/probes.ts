import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import type { LimitPart, RateLimitOptions } from './options.ts'

/** A limit that takes more requests than this to exceed is not attacked. */
const maxRequests = 3000
/** The pace that a prober keeps at least, in requests per second: what comes back meanwhile must be exceeded too. */
const pace = 100
/** How many disguises the requests are spread over; each alone stays below the limit. */
const disguises = 16

/**
 * Sends more than the limit admits, never twice in the same clothes: a limiter that can be told two callers from one, by
 * anything that a caller chooses freely, answers none of them with 429.
 */
export function createRateLimitProbes(options: RateLimitOptions, target: ProbeTarget): readonly Probe[] {
  if (options.methods !== undefined && !options.methods.some((method) => method === target.method)) return []
  const honest: Probe = {
    name: 'a single request passes',
    kind: 'honest',
    requests: [request(target, options, 1)],
    expect: { outcome: 'passed', ...(options.headers && { headers: announced(options) }) },
  }
  const times = requestsToExceed(options)
  if (target.observe || times === null) return [honest]

  const attack = (name: string, standard: string, variants: readonly Partial<ProbeRequest>[]): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: variants.map((variant) => ({
      ...request(target, options, Math.ceil(times / variants.length)),
      ...variant,
    })),
    expect: {
      outcome: 'refused',
      status: [429],
      problem: ['rate_limited'],
      headers: { 'retry-after': /^[1-9]\d*$/ },
      judge: 'any',
    },
  })
  return [
    honest,
    attack('more requests than the limit, each with another query and spelling of the path', 'v5.0.0-2.4.1', [
      ...numbers.map((number) => ({ query: `probe=${number}` })),
      { path: spellDifferently(target.path) },
    ]),
    ...(options.per.includes('ip')
      ? [
          attack(
            'more requests than the limit, each with a forged forwarding address',
            'RFC 7239 section 8.1',
            numbers.map((number) => ({ headers: withFields(options, forgedFields(number)) })),
          ),
        ]
      : []),
    ...options.per
      .filter((part) => typeof part === 'object')
      .map((part) =>
        attack(`more requests than the limit, with ${part.header} in capitals and small letters`, 'v5.0.0-2.4.1', [
          { headers: [[part.header.toUpperCase(), probeValue]] },
          { headers: [[part.header, probeValue]] },
        ]),
      ),
  ]
}

const numbers = Array.from({ length: disguises }, (_, i) => i + 1)
const probeValue = 'portcullis-probe'

function request(target: ProbeTarget, options: RateLimitOptions, times: number): ProbeRequest {
  return { method: target.method, path: target.path, times, headers: withFields(options, []) }
}

/** Requests that carry the fields that are counted by: always the same value, so that only the disguise differs. */
function withFields(options: RateLimitOptions, fields: FieldPairs): FieldPairs {
  return [...options.per.filter(isField).map(({ header }) => [header, probeValue] as const), ...fields]
}

function isField(part: LimitPart): part is Exclude<LimitPart, string> {
  return typeof part === 'object'
}

function announced({ limit }: RateLimitOptions): Record<string, RegExp> {
  return {
    'ratelimit-policy': new RegExp(`";q=${limit.limit};w=${limit.windowMs / 1000}(,|$)`),
    ratelimit: /";r=\d+;t=\d+/,
  }
}

/** Null where the limit cannot be exceeded at a prober's pace, or only with a flood. */
function requestsToExceed({ limit, burst, cost }: RateLimitOptions): number | null {
  const refill = (limit.limit / limit.windowMs) * 1000
  if (cost * pace <= refill) return null
  const times = Math.ceil((burst ?? limit.limit) / (cost - refill / pace)) + disguises + 1
  return times <= maxRequests ? times : null
}

/** The same path with one letter escaped, which is the same route (RFC 3986 section 6.2.2.2). */
function spellDifferently(path: string): string {
  return path.replace(
    /[A-Za-z0-9](?=[^A-Za-z0-9]*$)/,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function forgedFields(number: number): FieldPairs {
  const address = `198.51.100.${number}`
  return [
    ['x-forwarded-for', address],
    ['forwarded', `for=${address}`],
    ['x-real-ip', address],
    ['true-client-ip', address],
    ['cf-connecting-ip', address],
  ]
}
