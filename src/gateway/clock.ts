/**
 * A time as of the last sweep of whatever it belongs to. Requests read it for nothing where a timer or a system call for each
 * would cost more than the timeouts are worth in precision: they strike up to two ticks late, never early.
 */
export interface Clock {
  readonly now: number
  /** Milliseconds between sweeps. */
  readonly tickMs: number
}

/** Whether `limitMs` have passed for certain since a moment that was read from the clock. */
export function isOver(clock: Clock, since: number, limitMs: number): boolean {
  return clock.now - since > limitMs + clock.tickMs
}

/** A clock that stands still while this process does: what was sent to it meanwhile could not be read. */
export class SweepClock implements Clock {
  readonly tickMs: number
  now = 0
  #last = performance.now()

  constructor(tickMs: number) {
    this.tickMs = tickMs
  }

  /** Called at each sweep. */
  advance(): void {
    const real = performance.now()
    this.now += Math.min(real - this.#last, 2 * this.tickMs)
    this.#last = real
  }
}
