import type { UpstreamOptions } from '../../config/snapshot.ts'
import { type Clock, isOver } from '../clock.ts'
import type { Call } from './call.ts'
import { CallQueue } from './call-queue.ts'
import type { ConnectionOwner, UpstreamConnection } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import { Opening, type OpeningResult } from './opening.ts'
import { SlowLane } from './slow-lane.ts'
import type { TargetAddresses } from './target-addresses.ts'

export type PoolOptions = Pick<
  UpstreamOptions,
  'maxConnections' | 'maxQueued' | 'connectTimeoutMs' | 'firstByteTimeoutMs' | 'idleTimeoutMs'
>

/** What a pool reports of its calls. */
export interface PoolReport {
  /** The head of an answer has come. */
  onStatus(call: Call, status: number): void
  /** The answer is complete. */
  onAnswered(call: Call): void
  /** The call's attempt is over, however it went. */
  onAttemptEnd(call: Call, failure: Failure | null): void
  /** Bytes came on an idle connection: an answer that nobody asked for. */
  onStray(detail: string): void
}

/** The connections to one target, and who waits for one. */
export class TargetPool implements ConnectionOwner, OpeningResult {
  readonly endpoint: Endpoint
  readonly #addresses: TargetAddresses
  readonly #options: PoolOptions
  readonly #clock: Clock
  readonly #report: PoolReport
  readonly #open = new Set<UpstreamConnection>()
  /** Last used, first used again: what is not needed grows old at the bottom. */
  readonly #idle: UpstreamConnection[] = []
  readonly #openings = new Map<Opening, Call | null>()
  readonly #queue = new CallQueue()
  readonly #slow: SlowLane
  #serving = false
  #draining = false
  #onDrained: (() => void) | null = null

  constructor(endpoint: Endpoint, addresses: TargetAddresses, options: PoolOptions, clock: Clock, report: PoolReport) {
    this.endpoint = endpoint
    this.#addresses = addresses
    this.#options = options
    this.#clock = clock
    this.#report = report
    this.#slow = new SlowLane(options.maxConnections, options.maxQueued, clock, (call) => {
      if (!this.submit(call)) this.#giveUp(call, 'the queue is full')
    })
  }

  get idle(): number {
    return this.#idle.length
  }

  get slow(): number {
    return this.#slow.size
  }

  get queued(): number {
    return this.#queue.size + this.#slow.waiting
  }

  get active(): number {
    return Math.max(0, this.#open.size + this.#openings.size - this.#idle.length - this.#slow.size)
  }

  /** Whether a call would get a connection at once. */
  get hasRoom(): boolean {
    return this.#idle.length > 0 || this.#mayOpen()
  }

  // Calls

  /** Takes a call in. False where too many wait already. */
  submit(call: Call): boolean {
    if (call.isUpload && !call.isSlow) {
      const place = this.#slow.enter(call)
      if (place !== 'admitted') return place === 'waiting'
    }
    if (this.#findRoom()) {
      this.#serve(call)
      return true
    }
    if (this.#queue.size >= this.#options.maxQueued) {
      this.#settle(call)
      return false
    }
    call.queuedAt = this.#clock.now
    this.#queue.push(call)
    return true
  }

  /** The call is not wanted any more, and has no connection yet. */
  withdraw(call: Call): void {
    call.queue?.remove(call)
    this.#slow.withdraw(call)
    for (const [opening, waiting] of this.#openings) {
      // The connection will serve somebody else.
      if (waiting === call) this.#openings.set(opening, null)
    }
    this.#settle(call)
  }

  // ConnectionOwner

  onStatus(call: Call, status: number): void {
    this.#report.onStatus(call, status)
  }

  onAnswered(call: Call): void {
    this.#report.onAnswered(call)
  }

  onFree(connection: UpstreamConnection, call: Call | null): void {
    if (call !== null) this.#settle(call)
    if (this.#draining || this.#busy() > this.#options.maxConnections) {
      connection.close()
      return
    }
    const next = this.#queue.peek()
    if (next === null || !accepts(next, connection)) {
      this.#idle.push(connection)
      this.#serveQueue()
      return
    }
    this.#queue.remove(next)
    next.start(connection)
  }

  onGone(connection: UpstreamConnection, call: Call | null, failure: Failure | null): void {
    this.#open.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    if (call === null) {
      if (failure?.code === 'upstream_invalid') this.#report.onStray(failure.detail)
    } else {
      this.#settle(call, failure)
      // Before the queue is served: a repeated attempt takes the place of this one.
      if (failure !== null) call.fail(failure)
    }
    this.#serveQueue()
    this.#checkDrained()
  }

  onPaused(call: Call): void {
    call.isPaused = true
    this.#slow.onPaused(call)
    this.#serveQueue()
  }

  onResumed(call: Call): void {
    call.isPaused = false
    if (!call.isUploading) this.#slow.leave(call)
  }

  onUploadEnd(call: Call): void {
    call.isUploading = false
    if (!call.isPaused) this.#slow.leave(call)
  }

  // OpeningResult

  onOpen(opening: Opening, connection: UpstreamConnection): void {
    const call = this.#openings.get(opening) ?? null
    this.#openings.delete(opening)
    this.#open.add(connection)
    if (call !== null) call.start(connection)
    else this.onFree(connection, null)
  }

  onOpenFailed(opening: Opening, failure: Failure): void {
    const call = this.#openings.get(opening) ?? null
    this.#openings.delete(opening)
    if (call !== null) {
      this.#settle(call, failure)
      call.fail(failure)
    }
    this.#serveQueue()
    this.#checkDrained()
  }

  // Care

  sweep(): void {
    const { firstByteTimeoutMs, idleTimeoutMs, connectTimeoutMs } = this.#options
    for (const opening of this.#openings.keys()) opening.checkTimeout()
    for (const connection of this.#open) connection.checkTimeouts(firstByteTimeoutMs, idleTimeoutMs)
    for (const connection of this.#idle.slice()) if (connection.isExpired()) connection.close()
    for (let call = this.#queue.peek(); call !== null; call = this.#queue.peek()) {
      if (!isOver(this.#clock, call.queuedAt, connectTimeoutMs)) break
      this.#giveUp(call, `no connection was free for ${connectTimeoutMs} ms`)
    }
    this.#slow.makeWay()
    for (const call of this.#slow.expired(idleTimeoutMs)) {
      this.#giveUp(call, `the client's share of long transfers was taken for ${idleTimeoutMs} ms`)
    }
  }

  /** Connections to addresses that have vanished get no further call. */
  retireVanished(): void {
    for (const connection of this.#open) {
      if (this.#addresses.includes(connection.address)) continue
      connection.retired = true
      if (connection.isFree) connection.close()
    }
  }

  /** Lets open calls end. */
  drain(): Promise<void> {
    this.#draining = true
    for (const connection of this.#idle.slice()) connection.close()
    return new Promise((resolve) => {
      this.#onDrained = resolve
      this.#checkDrained()
    })
  }

  // Room

  /** Connections that count against the limit. */
  #busy(): number {
    return this.#open.size + this.#openings.size - this.#slow.size
  }

  #mayOpen(): boolean {
    return this.#busy() < this.#options.maxConnections
  }

  /** Whether the next call can be served, if need be at the cost of one that waits for its client beyond its share. */
  #findRoom(): boolean {
    while (!this.hasRoom) if (!this.#slow.makeRoom()) return false
    return true
  }

  /** There is room. */
  #serve(call: Call): void {
    const connection = this.#takeIdle(call)
    if (connection !== null) {
      call.start(connection)
      return
    }
    // It needs a connection of its own, and only idle ones are within the limit.
    if (!this.#mayOpen()) this.#closeOldest()
    const opening = new Opening({
      endpoint: this.endpoint,
      addresses: this.#addresses,
      connectTimeoutMs: this.#options.connectTimeoutMs,
      clock: this.#clock,
      owner: this,
      result: this,
      forUpgrade: call.request.upgrade !== null,
    })
    this.#openings.set(opening, call)
    opening.begin()
  }

  #takeIdle(call: Call): UpstreamConnection | null {
    if (call.needsFresh || call.request.upgrade !== null) return null
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (!connection.isExpired()) return connection
      connection.close()
    }
    return null
  }

  #closeOldest(): void {
    const wasServing = this.#serving
    this.#serving = true
    this.#idle[0]?.close()
    this.#serving = wasServing
  }

  /** What is freed on the way belongs to the call that is being served. */
  #serveQueue(): void {
    if (this.#serving || this.#queue.size === 0) return
    this.#serving = true
    try {
      while (this.#queue.size > 0 && this.#findRoom()) {
        const call = this.#queue.shift()
        if (call !== null) this.#serve(call)
      }
    } finally {
      this.#serving = false
    }
  }

  #giveUp(call: Call, reason: string): void {
    this.withdraw(call)
    const detail = `${this.endpoint.label}: ${reason}`
    call.fail({ code: 'upstream_overloaded', detail, reach: 'nothing', blamesTarget: false })
  }

  /** The attempt is over: nothing here counts the call any more. */
  #settle(call: Call, failure: Failure | null = null): void {
    call.isPaused = false
    this.#report.onAttemptEnd(call, failure)
    this.#slow.leave(call)
  }

  #checkDrained(): void {
    if (this.#onDrained === null) return
    if (this.#open.size + this.#openings.size + this.queued === 0) this.#onDrained()
  }
}

function accepts(call: Call, connection: UpstreamConnection): boolean {
  return call.request.upgrade === null && !(call.needsFresh && connection.isReused)
}
