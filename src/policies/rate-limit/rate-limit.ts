import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { createLimitFields, toSeconds, writeLimitFields } from '../../core/limit-fields.ts'
import type { Hooks, PolicyDeps, RequestHook } from '../../core/policy.ts'
import type { ProblemCodes } from '../../core/problems.ts'
import { localRateTable, rateTable, type TakeResult } from '../../stores/ports/rate-table.ts'
import { toLimit } from './limit.ts'
import { createKeyReader, stageOf } from './limit-key.ts'
import type { RateLimitOptions } from './options.ts'

export const rateLimitCodes = {
  rate_limit_exceeded: {
    public: 'rate_limited',
    meaning: 'The caller used up the limit that the detail names; if that is too low for honest use, raise it.',
  },
  rate_limit_unavailable: {
    public: 'unavailable',
    meaning: 'The counters cannot be reached, and the limit has `onFailure: refuse`.',
  },
} as const satisfies ProblemCodes

/** While the counters are down, that is said once in so many milliseconds. */
const failureLogMs = 10_000

export function createRateLimit(options: RateLimitOptions, deps: PolicyDeps): Hooks {
  const { cost, onFailure } = options
  const limit = toLimit(options, deps.origin, deps.route)
  const counter = deps.provide(rateTable).open(limit)
  const local = onFailure === 'local' ? deps.provide(localRateTable).open(limit) : null
  const keyOf = createKeyReader(options.per)
  const counted = options.methods === undefined ? null : withHead(options.methods)
  const fields = createLimitFields(limit)
  const slot = deps.slot<string>()
  const failures = deps.meter.counter('portcullis_rate_limit_failures_total', 'Requests that met counters out of reach')
  const detail = `limit "${limit.name}"`
  const members = { 'violated-policies': [limit.name] }
  let failureLoggedAt = Number.NEGATIVE_INFINITY

  function conclude(exchange: Exchange, result: TakeResult): Decision {
    if (options.headers) slot.set(exchange, fields.state(result))
    if (result.admitted) return next
    return refuse('rate_limit_exceeded', detail, { retryAfterSeconds: toSeconds(result.waitMs), members })
  }

  function recover(exchange: Exchange, key: string, error: unknown): Decision | Promise<Decision> {
    failures.add()
    if (exchange.startedAt - failureLoggedAt >= failureLogMs) {
      failureLoggedAt = exchange.startedAt
      deps.log.warn('rate_limit_unavailable', { limit: limit.name, onFailure, error })
    }
    if (onFailure === 'allow') return next
    if (local === null) return refuse('rate_limit_unavailable', detail)
    const result = local.take(key, cost, exchange.startedAt)
    return result instanceof Promise ? result.then((late) => conclude(exchange, late)) : conclude(exchange, result)
  }

  const decide: RequestHook = (exchange) => {
    if (counted !== null && !counted.includes(exchange.method)) return next
    const key = keyOf(exchange)
    let result: TakeResult | Promise<TakeResult>
    try {
      // By the time of arrival: reading the clock again costs more than it tells.
      result = counter.take(key, cost, exchange.startedAt)
    } catch (error) {
      return recover(exchange, key, error)
    }
    if (!(result instanceof Promise)) return conclude(exchange, result)
    return result.then(
      (late) => conclude(exchange, late),
      (error) => recover(exchange, key, error),
    )
  }

  return {
    [stageOf(options.per)]: decide,
    ...(options.headers && {
      respond(exchange, answer) {
        const state = slot.get(exchange)
        if (state !== undefined) writeLimitFields(answer.headers, fields.policy, state)
        return next
      },
    }),
  }
}

/** HEAD follows GET: what is counted for one must not be free with the other. */
function withHead(methods: readonly string[]): readonly string[] {
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods
}
