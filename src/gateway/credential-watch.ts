/** An answer or a tunnel that stays open on the strength of a credential. */
export interface HeldOpen {
  /** Called once, when the credential has come to its end. */
  onCredentialEnd(): void
}

const sweepMs = 500

/**
 * Ends what is still open when the credential that opened it comes to its end: who may not ask any more may not go on
 * listening either. One timer serves all of them.
 */
export class CredentialWatch {
  readonly #open = new Map<HeldOpen, number>()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.sweep(Date.now()), sweepMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#open.size
  }

  /** @param expiresAt epoch milliseconds */
  add(held: HeldOpen, expiresAt: number): void {
    this.#open.set(held, expiresAt)
  }

  remove(held: HeldOpen): void {
    this.#open.delete(held)
  }

  sweep(now: number): void {
    for (const [held, expiresAt] of this.#open) {
      if (now < expiresAt) continue
      this.#open.delete(held)
      held.onCredentialEnd()
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#open.clear()
  }
}
