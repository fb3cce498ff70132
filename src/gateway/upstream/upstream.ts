import type { UpstreamOptions } from '../../config/snapshot.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import { SweepClock } from '../clock.ts'
import { Call, type Placement } from './call.ts'
import type {
  TargetStatus,
  Upstream,
  UpstreamCall,
  UpstreamFault,
  UpstreamHandler,
  UpstreamRequest,
} from './dispatch.ts'
import { toEndpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import { InvalidRequest } from './request-head.ts'
import { Target } from './target.ts'
import { type Lookup, lookupAll } from './target-addresses.ts'
import { createTargetTls } from './target-tls.ts'

export interface UpstreamDeps {
  /** Default: the system's resolver. */
  readonly lookup?: Lookup
  readonly log: PolicyLog
}

/** @throws where a certificate file cannot be read */
export function createUpstream(name: string, options: UpstreamOptions, deps: UpstreamDeps): Upstream {
  return new TargetGroup(name, options, deps)
}

/** The targets of one upstream in turn, and what is tried again. */
class TargetGroup implements Upstream, Placement {
  readonly #name: string
  readonly #maxRetries: number
  readonly #targets: readonly Target[]
  readonly #clock: SweepClock
  readonly #timer: NodeJS.Timeout
  #turn = 0
  #closed = false

  constructor(name: string, options: UpstreamOptions, { lookup = lookupAll, log }: UpstreamDeps) {
    this.#name = name
    this.#maxRetries = options.retries
    this.#clock = new SweepClock(toTick(options))
    const toTls = options.targets.some((url) => url.startsWith('https:')) ? createTargetTls(options.tls) : null
    this.#targets = options.targets.map((url) => {
      const tls = url.startsWith('https:') && toTls !== null ? toTls() : null
      return new Target(toEndpoint(url, tls), options, this.#clock, lookup, log)
    })
    this.#timer = setInterval(() => this.#sweep(), this.#clock.tickMs)
    this.#timer.unref()
    this.#sweep()
  }

  dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    const call = new Call(request, handler, this)
    const fault = checkRequest(call) ?? this.#place(call)
    if (fault !== null) call.faultSoon(fault)
    return call
  }

  status(): readonly TargetStatus[] {
    return this.#targets.map((target) => target.status())
  }

  async close(): Promise<void> {
    await Promise.all(this.#targets.map((target) => target.close()))
    this.#closed = true
    clearInterval(this.#timer)
  }

  onAttemptFailed(call: Call, failure: Failure): void {
    if (this.#retry(call, failure)) return
    call.fault(failure)
  }

  #retry(call: Call, failure: Failure): boolean {
    const target = call.at as Target
    if (failure.reach === 'stale') {
      // RFC 9112 section 9.3.1: only what may be repeated, and on a connection that cannot have been closed meanwhile.
      if (call.retriedStale || !mayRepeat(call.request)) return false
      call.retriedStale = true
      call.needsFresh = true
      return target.submit(call)
    }
    const neverReached = failure.code === 'upstream_refused' || failure.code === 'upstream_timeout'
    if (failure.reach !== 'nothing' || !neverReached || call.retries >= this.#maxRetries) return false
    call.retries += 1
    call.tried ??= []
    call.tried.push(target)
    return this.#place(call) === null
  }

  /** Gives the call to the next target that has room, else to the next one that lets it wait. */
  #place(call: Call): UpstreamFault | null {
    if (this.#closed) return { code: 'upstream_unavailable', detail: `${this.#name}: closed` }
    const targets = this.#targets
    const count = targets.length
    const first = this.#turn
    this.#turn = (first + 1) % count
    for (let i = 0; i < count; i++) {
      const target = targets[(first + i) % count] as Target
      if (this.#suits(target, call) && target.pool.hasRoom && target.submit(call)) return null
    }
    let anyUsable = false
    for (let i = 0; i < count; i++) {
      const target = targets[(first + i) % count] as Target
      if (!this.#suits(target, call)) continue
      anyUsable = true
      if (target.submit(call)) return null
    }
    return anyUsable
      ? { code: 'upstream_overloaded', detail: `${this.#name}: every connection is taken and the queue is full` }
      : { code: 'upstream_unavailable', detail: `${this.#name}: no target is healthy with a closed circuit` }
  }

  #suits(target: Target, call: Call): boolean {
    return target.isUsable && !call.tried?.includes(target)
  }

  #sweep(): void {
    this.#clock.advance()
    for (const target of this.#targets) target.sweep()
  }
}

const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'PUT', 'DELETE'])

/** RFC 9110 section 9.2.2: idempotent, and all of it is still at hand. */
function mayRepeat({ method, body }: UpstreamRequest): boolean {
  return repeatable.has(method) && (body === 'none' || Buffer.isBuffer(body))
}

function checkRequest(call: Call): UpstreamFault | null {
  try {
    call.head
    return null
  } catch (error) {
    if (error instanceof InvalidRequest) return { code: 'malformed_request', detail: error.message }
    throw error
  }
}

/** Fine enough for the shortest timeout, and never so fine that it costs. */
function toTick({ connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs }: UpstreamOptions): number {
  return Math.min(250, Math.max(10, Math.min(connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs) / 10))
}
