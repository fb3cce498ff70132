/** An answer or a tunnel that stays open on the strength of a credential. */
export interface HeldOpen {
  /** Monotonic milliseconds of its request. */
  readonly startedAt: number
  /** Whether the credential would be accepted now. Never rejects. */
  stillHolds(): Promise<boolean>
  /** Called once, when the credential has come to its end or was revoked. */
  onCredentialEnd(): void
}

const sweepMs = 100
/**
 * How many are asked about at once: a revocation must neither stop the thread nor take the store from requests, however
 * much is open. A store that is asked for too much answers nobody, and what it does not answer for would be ended.
 */
const maxAsking = 250

/**
 * Ends what is still open when the credential that opened it comes to its end: who may not ask any more may not go on
 * listening either. After something was revoked, everything that is open is asked again, some at a time. One timer
 * serves all of them.
 */
export class CredentialWatch {
  /** With the end of the credential in epoch milliseconds; infinite where it has none. */
  readonly #open = new Map<HeldOpen, number>()
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

  /** @param expiresAt epoch milliseconds; null for a credential without end */
  add(held: HeldOpen, expiresAt: number | null): void {
    this.#open.set(held, expiresAt ?? Number.POSITIVE_INFINITY)
    // It was identified before something was revoked, and its answer came after.
    if (held.startedAt <= this.#movedAt) this.#due.add(held)
  }

  remove(held: HeldOpen): void {
    this.#open.delete(held)
    this.#due.delete(held)
  }

  sweep(now: number): void {
    for (const [held, expiresAt] of this.#open) if (now >= expiresAt) this.#end(held)
    const epoch = this.#changeEpoch()
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.askAgain()
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

  /** Something changed that credentials depend on. */
  askAgain(): void {
    this.#movedAt = performance.now()
    for (const held of this.#open.keys()) this.#due.add(held)
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
