/**
 * The time of one upstream, as of its last sweep. Requests read it for nothing where a timer or a system call for each
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
