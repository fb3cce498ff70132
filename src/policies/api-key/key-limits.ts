import { BoundedCache } from '../../core/bounded-cache.ts'
import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { createLimitFields, type LimitFields, toSeconds } from '../../core/limit-fields.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import type { KeyLimit, KeyRecord } from '../../stores/ports/key-store.ts'
import { localRateTable, type RateCounter, rateTable, type TakeResult } from '../../stores/ports/rate-table.ts'

/** The texts of one limit for the fields of an answer. */
export interface ToldLimit {
  readonly policy: string
  readonly state: string
}

/** The limits that keys bring along: counted per key on all routes together, wherever the route's own limits are counted. */
export interface KeyLimits {
  /** Takes one request off the key's limits, and adds to `told` what its caller is told of them. */
  take(exchange: Exchange, record: KeyRecord, told: ToldLimit[]): Decision | Promise<Decision>
}

type Kind = 'rate' | 'quota'

interface OpenLimit {
  readonly name: string
  readonly code: string
  readonly counter: RateCounter
  readonly local: RateCounter
  readonly fields: LimitFields
}

/** Limits of different numbers that are kept open; others are opened anew, which changes no count. */
const maxOpen = 1000
const failureLogMs = 10_000

const codes = { rate: 'api_key_rate_exceeded', quota: 'api_key_quota_exceeded' } as const

export function createKeyLimits({ provide, meter, log }: Pick<PolicyDeps, 'provide' | 'meter' | 'log'>): KeyLimits {
  const table = provide(rateTable)
  const local = provide(localRateTable)
  const opened = new BoundedCache<OpenLimit>({ maxEntries: maxOpen })
  const failures = meter.counter(
    'portcullis_api_key_limit_failures_total',
    'Requests with keys that have limits, which met counters out of reach',
  )
  let failureLoggedAt = Number.NEGATIVE_INFINITY

  function open(kind: Kind, { limit, windowMs }: KeyLimit): OpenLimit {
    const key = `${kind} ${limit}/${windowMs}`
    const known = opened.get(key)
    if (known !== undefined) return known
    const name = `${kind === 'rate' ? 'key' : 'key-quota'}-${windowMs / 1000}s`
    const spec = { id: `api-key ${kind}`, limit, windowMs, burst: limit }
    const fields = createLimitFields({ name, limit, windowMs })
    const made = { name, code: codes[kind], counter: table.open(spec), local: local.open(spec), fields }
    opened.set(key, made)
    return made
  }

  function takeOne(exchange: Exchange, limit: OpenLimit, id: string, told: ToldLimit[]): Decision | Promise<Decision> {
    let result: TakeResult | Promise<TakeResult>
    try {
      result = limit.counter.take(id, 1, exchange.startedAt)
    } catch (error) {
      return recover(exchange, limit, id, told, error)
    }
    if (!(result instanceof Promise)) return conclude(limit, result, told)
    return result.then(
      (late) => conclude(limit, late, told),
      (error) => recover(exchange, limit, id, told, error),
    )
  }

  /** Counters out of reach: this machine counts by itself, so that a key has its limit on each. */
  async function recover(exchange: Exchange, limit: OpenLimit, id: string, told: ToldLimit[], error: unknown) {
    failures.add()
    if (exchange.startedAt - failureLoggedAt >= failureLogMs) {
      failureLoggedAt = exchange.startedAt
      log.warn('api_key_limits_unavailable', { effect: 'this machine counts by itself', error })
    }
    const result = limit.local.take(id, 1, exchange.startedAt)
    // Read before anything else runs: a table may give its next answer in the same object.
    return conclude(limit, result instanceof Promise ? await result : result, told)
  }

  function conclude({ name, code, fields }: OpenLimit, result: TakeResult, told: ToldLimit[]): Decision {
    told.push({ policy: fields.policy, state: fields.state(result) })
    if (result.admitted) return next
    const members = { 'violated-policies': [name] }
    return refuse(code, `limit "${name}"`, { retryAfterSeconds: toSeconds(result.waitMs), members })
  }

  return {
    take(exchange, { id, rateLimit, quota }, told) {
      const first = rateLimit === null ? next : takeOne(exchange, open('rate', rateLimit), id, told)
      if (quota === null) return first
      // What is too fast for the one costs nothing of the other.
      const then = (decision: Decision) =>
        decision === next ? takeOne(exchange, open('quota', quota), id, told) : decision
      return first instanceof Promise ? first.then(then) : then(first)
    },
  }
}
