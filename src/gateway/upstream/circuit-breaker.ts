import type { BreakerOptions } from '../../config/snapshot.ts'
import type { Clock } from '../clock.ts'

export type CircuitState = 'closed' | 'open' | 'half-open'

/**
 * Spares a target that keeps failing: after so many failures in a row nothing is sent for a while, then one request
 * tries.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions
  readonly #clock: Clock
  readonly #onChange: (state: CircuitState) => void
  #failures = 0
  #state: CircuitState = 'closed'
  #openedAt = 0
  #isTried = false

  constructor(options: BreakerOptions, clock: Clock, onChange: (state: CircuitState) => void) {
    this.#options = options
    this.#clock = clock
    this.#onChange = onChange
  }

  get state(): CircuitState {
    return this.#state
  }

  /** Whether a request may go to the target now. */
  get admits(): boolean {
    if (this.#state === 'closed') return true
    return !this.#isTried && this.#clock.now - this.#openedAt >= this.#options.openMs
  }

  /** A request goes to the target. True where it is the one that tries it: it has to report its end. */
  enter(): boolean {
    if (this.#state === 'closed') return false
    this.#isTried = true
    this.#change('half-open')
    return true
  }

  /** The trial ended, if need be without a verdict. */
  leave(): void {
    this.#isTried = false
  }

  onSuccess(): void {
    this.#failures = 0
    this.#change('closed')
  }

  /** @param isTrial it was the request that tried an open circuit; what others started before says nothing new */
  onFailure(isTrial: boolean): void {
    if (this.#state !== 'closed' && !isTrial) return
    this.#failures += 1
    if (!isTrial && this.#failures < this.#options.failures) return
    this.#openedAt = this.#clock.now
    this.#change('open')
  }

  #change(state: CircuitState): void {
    if (this.#state === state) return
    this.#state = state
    this.#onChange(state)
  }
}
