import type { Meter } from '../core/telemetry.ts'

/** An answer or a tunnel that stays open on the strength of a credential. */
export interface HeldOpen {
  /** Monotonic milliseconds of its request. */
  readonly startedAt: number
  /** Whether the credential would be accepted now. Never rejects. */
  stillHolds(): Promise<boolean>
  /** Called once, when the credential has come to its end or was revoked. */
  onCredentialEnd(): void
}

interface Times {
  /** Epoch milliseconds of the credential's end; infinite where it has none. */
  readonly endsAt: number
  readonly recheckMs: number
  /** Monotonic milliseconds. */
  askAt: number
}

const sweepMs = 100
/**
 * How many are asked about at once: a revocation must neither stop the thread nor take the store from requests, however
 * much is open. A store that is asked for too much answers nobody, and what it does not answer for would be ended.
 */
const maxAsking = 250

/**
 * Ends what is still open when the credential that opened it comes to its end: who may not ask any more may not go on
 * listening either. After something was revoked, everything that is open is asked again, some at a time; credentials that
 * may end elsewhere are asked from time to time. One timer serves all of them.
 */
export class CredentialWatch {
  readonly #open = new Map<HeldOpen, Times>()
  /** Those that are still to be asked. */
  readonly #due = new Set<HeldOpen>()
  readonly #changeEpoch: () => number
  readonly #timer: NodeJS.Timeout
  #epoch: number
  #movedAt = Number.NEGATIVE_INFINITY
  #asking = 0

  constructor(changeEpoch: () => number = () => 0) {
    this.#changeEpoch = changeEpoch
    this.#epoch = changeEpoch()
    this.#timer = setInterval(() => this.sweep(Date.now()), sweepMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * @param expiresAt epoch milliseconds; null for a credential without end
   * @param recheckMs how often it is asked though nothing was revoked; null for never
   */
  add(held: HeldOpen, expiresAt: number | null, recheckMs: number | null = null): void {
    const endless = Number.POSITIVE_INFINITY
    const every = recheckMs ?? endless
    this.#open.set(held, { endsAt: expiresAt ?? endless, recheckMs: every, askAt: performance.now() + every })
    // It was identified before something was revoked, and its answer came after.
    if (held.startedAt <= this.#movedAt) this.#due.add(held)
  }

  remove(held: HeldOpen): void {
    this.#open.delete(held)
    this.#due.delete(held)
  }

  /** Has everything asked again: what credentials are judged by has changed. */
  askAll(): void {
    this.#movedAt = performance.now()
    for (const held of this.#open.keys()) this.#due.add(held)
  }

  /** @param now epoch milliseconds */
  sweep(now: number, monotonic = performance.now()): void {
    for (const [held, times] of this.#open) {
      if (now >= times.endsAt) this.#end(held)
      else if (monotonic >= times.askAt) {
        times.askAt = monotonic + times.recheckMs
        this.#due.add(held)
      }
    }
    const epoch = this.#changeEpoch()
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.askAll()
    }
    for (const held of this.#due) {
      if (this.#asking >= maxAsking) return
      this.#due.delete(held)
      this.#asking++
      void held.stillHolds().then((holds) => {
        this.#asking--
        if (!holds) this.#end(held)
      })
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#open.clear()
    this.#due.clear()
  }

  #end(held: HeldOpen): void {
    if (!this.#open.has(held)) return
    this.remove(held)
    held.onCredentialEnd()
  }
}

export function publishHeldOpen(meter: Meter, size: () => number): void {
  const help = 'WebSockets, event streams and other answers on their way that end with the credential of their caller'
  meter.gauge('portcullis_held_open', help, size)
}
