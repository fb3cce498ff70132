import type { HealthCheck } from '../../config/snapshot.ts'
import { type Clock, isOver } from '../clock.ts'
import { Call, type Placement } from './call.ts'
import type { ConnectionOwner, UpstreamConnection } from './connection.ts'
import type { UpstreamFault, UpstreamHandler, UpstreamRequest } from './dispatch.ts'
import type { Endpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import { Opening, type OpeningResult } from './opening.ts'
import { toRequestHead } from './request-head.ts'
import type { TargetAddresses } from './target-addresses.ts'

export interface HealthReport {
  onHealth(healthy: boolean, reason: string): void
}

const headers = ['user-agent', 'portcullis-health-check', 'accept', '*/*']

/** Asks one target at intervals whether it is well, each time on a connection of its own. */
export class HealthChecker {
  readonly #options: HealthCheck
  readonly #request: UpstreamRequest
  readonly #endpoint: Endpoint
  readonly #addresses: TargetAddresses
  readonly #clock: Clock
  readonly #report: HealthReport
  #healthy = true
  /** Results in a row that contradict the state. */
  #contrary = 0
  #dueAt = 0
  #probe: HealthProbe | null = null
  #stopped = false

  constructor(
    options: HealthCheck,
    endpoint: Endpoint,
    addresses: TargetAddresses,
    clock: Clock,
    report: HealthReport,
  ) {
    this.#options = options
    this.#request = { method: 'GET', target: options.path, headers, body: 'none', clientKey: '', upgrade: null }
    // A path that cannot be sent is found out now, not by a timer.
    toRequestHead(this.#request)
    this.#endpoint = endpoint
    this.#addresses = addresses
    this.#clock = clock
    this.#report = report
  }

  /** Called by the upstream's sweep. */
  sweep(): void {
    if (this.#stopped) return
    this.#probe?.checkTimeout()
    if (this.#probe !== null || this.#clock.now < this.#dueAt) return
    const { intervalMs, timeoutMs } = this.#options
    this.#dueAt = this.#clock.now + intervalMs
    this.#probe = new HealthProbe(
      this.#request,
      timeoutMs,
      this.#endpoint,
      this.#addresses,
      this.#clock,
      (well, reason) => {
        this.#probe = null
        this.#take(well, reason)
      },
    )
    this.#probe.begin()
  }

  stop(): void {
    this.#stopped = true
    this.#probe?.stop()
    this.#probe = null
  }

  #take(well: boolean, reason: string): void {
    if (this.#stopped) return
    this.#contrary = well === this.#healthy ? 0 : this.#contrary + 1
    const needed = well ? this.#options.healthyAfter : this.#options.unhealthyAfter
    if (this.#contrary < needed) return
    this.#contrary = 0
    this.#healthy = well
    this.#report.onHealth(well, reason)
  }
}

/** One question. */
class HealthProbe implements ConnectionOwner, OpeningResult, UpstreamHandler, Placement {
  readonly endpoint: Endpoint
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #opening: Opening
  readonly #call: Call
  readonly #onResult: (well: boolean, reason: string) => void
  #over = false

  constructor(
    request: UpstreamRequest,
    timeoutMs: number,
    endpoint: Endpoint,
    addresses: TargetAddresses,
    clock: Clock,
    onResult: (well: boolean, reason: string) => void,
  ) {
    this.endpoint = endpoint
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    this.#startedAt = clock.now
    this.#onResult = onResult
    this.#call = new Call(request, this, this)
    this.#opening = new Opening({
      endpoint,
      addresses,
      connectTimeoutMs: timeoutMs,
      clock,
      owner: this,
      result: this,
      forUpgrade: false,
    })
  }

  begin(): void {
    this.#opening.begin()
  }

  checkTimeout(): void {
    if (!isOver(this.#clock, this.#startedAt, this.#timeoutMs)) return
    this.#end(false, `no answer within ${this.#timeoutMs} ms`)
    this.stop()
  }

  stop(): void {
    this.#over = true
    this.#opening.abort()
    this.#call.abort()
  }

  onOpen(_opening: Opening, connection: UpstreamConnection): void {
    this.#call.start(connection)
  }

  onOpenFailed(_opening: Opening, failure: Failure): void {
    this.#end(false, failure.detail)
  }

  onHead(status: number): void {
    this.#end(status >= 200 && status < 400, `answered ${status}`)
    // The connection is closed with it: what the answer says is not read.
    this.#call.abort()
  }

  onAttemptFailed(_call: Call, failure: Failure): void {
    this.#end(false, failure.detail)
  }

  onFault(fault: UpstreamFault): void {
    this.#end(false, fault.detail)
  }

  onGone(_connection: UpstreamConnection, call: Call | null, failure: Failure | null): void {
    if (failure !== null) call?.fail(failure)
  }

  onFree(connection: UpstreamConnection): void {
    connection.close()
  }

  onData(): boolean {
    return true
  }

  onStatus(): void {}
  onAnswered(): void {}
  onPaused(): void {}
  onResumed(): void {}
  onUploadEnd(): void {}
  onInterim(): void {}
  onPause(): void {}
  onEnd(): void {}
  onUpgrade(): void {}
  onWritable(): void {}

  #end(well: boolean, reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#onResult(well, reason)
  }
}
