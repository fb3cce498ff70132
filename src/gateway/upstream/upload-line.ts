import { type Clock, isOver } from '../clock.ts'
import type { Call } from './call.ts'

/**
 * Long uploads that wait because their client has its share of slow transfers already. Each waits for its own client
 * only, so nobody stands behind another's.
 */
export class UploadLine {
  readonly #maxPerClient: number
  readonly #clock: Clock
  readonly #waiting = new Set<Call>()

  constructor(maxPerClient: number, clock: Clock) {
    this.#maxPerClient = maxPerClient
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  /** False where too many of the client wait. */
  add(call: Call): boolean {
    let ofClient = 0
    for (const waiting of this.#waiting) if (waiting.request.clientKey === call.request.clientKey) ofClient += 1
    if (ofClient >= this.#maxPerClient) return false
    call.queuedAt = this.#clock.now
    this.#waiting.add(call)
    return true
  }

  remove(call: Call): void {
    this.#waiting.delete(call)
  }

  some(test: (call: Call) => boolean): boolean {
    for (const call of this.#waiting) if (test(call)) return true
    return false
  }

  /** The first one that is let through now. */
  shift(isAdmitted: (call: Call) => boolean): Call | null {
    for (const call of this.#waiting) {
      if (!isAdmitted(call)) continue
      this.#waiting.delete(call)
      return call
    }
    return null
  }

  /** Those that have waited for longer than `limitMs`. */
  expired(limitMs: number): Call[] {
    return [...this.#waiting].filter((call) => isOver(this.#clock, call.queuedAt, limitMs))
  }
}
