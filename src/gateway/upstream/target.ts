import type { UpstreamOptions } from '../../config/snapshot.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { Clock } from '../clock.ts'
import type { Call } from './call.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { TargetStatus } from './dispatch.ts'
import type { Endpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import { HealthChecker, type HealthReport } from './health-check.ts'
import { type Lookup, TargetAddresses } from './target-addresses.ts'
import { type PoolReport, TargetPool } from './target-pool.ts'

/** A target that does it once does it often. */
const strayLogMs = 10_000

/** One target of an upstream: its connections, and whether it may be used. */
export class Target implements PoolReport, HealthReport {
  readonly endpoint: Endpoint
  readonly pool: TargetPool
  readonly #addresses: TargetAddresses
  readonly #breaker: CircuitBreaker
  readonly #health: HealthChecker | null
  readonly #log: PolicyLog
  #isHealthy = true
  /** Why the circuit would open. */
  #lastFailure = ''
  #strayLoggedAt = Number.NEGATIVE_INFINITY

  constructor(endpoint: Endpoint, options: UpstreamOptions, clock: Clock, lookup: Lookup, log: PolicyLog) {
    this.endpoint = endpoint
    this.#log = log
    this.#addresses = new TargetAddresses(endpoint.hostname, options.nameLifetimeMs, lookup, log, () =>
      this.pool.retireVanished(),
    )
    this.#breaker = new CircuitBreaker(options.breaker, clock, (circuit) =>
      log.warn('upstream_circuit', { target: endpoint.label, circuit, reason: this.#lastFailure }),
    )
    this.pool = new TargetPool(endpoint, this.#addresses, options, clock, this)
    this.#health =
      options.health === null ? null : new HealthChecker(options.health, endpoint, this.#addresses, clock, this)
  }

  get isUsable(): boolean {
    return this.#isHealthy && this.#breaker.admits
  }

  /** False where too many calls wait for it already. */
  submit(call: Call): boolean {
    call.at = this
    call.isTrial = this.#breaker.enter()
    if (this.pool.submit(call)) return true
    this.onAttemptEnd(call, null)
    call.at = null
    return false
  }

  onStatus(call: Call, status: number): void {
    if (status >= 502 && status <= 504) {
      call.isBlaming = true
      this.#lastFailure = `answered ${status}`
      this.#breaker.onFailure(call.isTrial)
    } else if (call.isTrial) this.#breaker.onSuccess()
  }

  onAnswered(call: Call): void {
    if (!call.isBlaming) this.#breaker.onSuccess()
  }

  onAttemptEnd(call: Call, failure: Failure | null): void {
    if (failure?.blamesTarget) {
      this.#lastFailure = failure.detail
      this.#breaker.onFailure(call.isTrial)
    }
    if (!call.isTrial) return
    call.isTrial = false
    this.#breaker.leave()
  }

  sweep(): void {
    this.#addresses.refresh()
    this.pool.sweep()
    this.#health?.sweep()
  }

  onHealth(healthy: boolean, reason: string): void {
    this.#isHealthy = healthy
    this.#log[healthy ? 'info' : 'warn']('upstream_health', { target: this.endpoint.label, healthy, reason })
  }

  close(): Promise<void> {
    this.#health?.stop()
    return this.pool.drain()
  }

  onStray(detail: string): void {
    const now = performance.now()
    if (now - this.#strayLoggedAt < strayLogMs) return
    this.#strayLoggedAt = now
    this.#log.warn('upstream_stray_bytes', { target: this.endpoint.label, detail })
  }

  status(): TargetStatus {
    const { active, idle, queued, slow } = this.pool
    return {
      target: this.endpoint.label,
      healthy: this.#isHealthy,
      circuit: this.#breaker.state,
      active,
      idle,
      queued,
      slow,
    }
  }
}
