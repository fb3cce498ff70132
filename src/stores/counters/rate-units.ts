import { type RateLimitSpec, rateBounds } from '../ports/rate-table.ts'

/**
 * A limit in whole units of time that fit a 32-bit word. A key's theoretical arrival time (TAT) runs ahead of the clock
 * by `unitsPerToken` for each token that it took, and may be ahead by `capacity` at most.
 */
export interface RateUnits {
  readonly unitsPerToken: number
  readonly capacity: number
  readonly unitsPerMs: number
}

/** The word wraps after 2³² units, at least sixteen times the span that a TAT may be ahead. */
const maxCapacity = 2 ** 28
/** The clock tells no more than microseconds. */
const finestUnitsPerMs = 1000

export function toRateUnits({ limit, windowMs, burst }: Omit<RateLimitSpec, 'id'>): RateUnits {
  checkWhole('limit', limit, rateBounds.limit)
  checkWhole('windowMs', windowMs, rateBounds.windowMs)
  checkWhole('burst', burst, rateBounds.burst)
  if ((burst * windowMs) / limit > rateBounds.refillMs) {
    throw new RangeError(`a burst of ${burst} takes longer than a year to come back at this rate`)
  }
  const finest = Math.ceil((windowMs / limit) * finestUnitsPerMs)
  const unitsPerToken = Math.max(1, Math.min(finest, Math.floor(maxCapacity / burst)))
  return { unitsPerToken, capacity: burst * unitsPerToken, unitsPerMs: (unitsPerToken * limit) / windowMs }
}

function checkWhole(name: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} is ${value}; it must be a whole number from 1 to ${max}`)
  }
}
