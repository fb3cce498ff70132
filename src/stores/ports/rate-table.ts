import { definePort } from '../../core/ports.ts'

/** What every table can count; what is beyond is refused when a limit is opened. */
export const rateBounds = {
  limit: 10_000_000,
  burst: 10_000_000,
  windowMs: 31 * 86_400_000,
  /** The longest that a whole burst may take to come back. */
  refillMs: 366 * 86_400_000,
} as const

/** One limit: so many units per window, and how many of them may come at once. */
export interface RateLimitSpec {
  /** Limits of equal numbers and equal id share their counts, in every thread and on every machine of the table. */
  readonly id: string
  readonly limit: number
  readonly windowMs: number
  /** The most units that one key can take at a moment. */
  readonly burst: number
}

/** What a key was told. Read it at once: a table may hand out the same object for its next answer. */
export interface TakeResult {
  readonly admitted: boolean
  /** Whole units that the key could still take now. */
  readonly remaining: number
  /** Refused: milliseconds until the same cost would be admitted. Admitted: until one more unit is there. */
  readonly waitMs: number
}

/** The counts of one limit. */
export interface RateCounter {
  /**
   * Takes `cost` units for a key, all or none of them: what is refused costs nothing.
   * @param now monotonic milliseconds of this thread (`performance.now()`)
   * @throws or rejects when the table cannot be reached
   */
  take(key: string, cost: number, now: number): TakeResult | Promise<TakeResult>
}

export interface RateTableStats {
  /** Keys that the table can hold. */
  readonly capacity: number
  /** Keys that hold a count now; an estimate where the table is large. */
  readonly entries: number
  /** Drained entries whose place was given to another key. */
  readonly evictions: number
  /** Requests of new keys that shared an overflow entry because no place was free. */
  readonly overflows: number
  /** Requests that were refused because the overflow entries were taken as well. */
  readonly rejections: number
}

/** Counts how much of its limits each key has used (generic cell rate algorithm). */
export interface RateTable {
  open(spec: RateLimitSpec): RateCounter
  stats(): RateTableStats
}

/** The table of the deployment: shared by all threads of a machine, or by all machines. */
export const rateTable = definePort<RateTable>('rate-table')

/** A table that needs nothing but this machine's memory; what `onFailure: local` falls back to. */
export const localRateTable = definePort<RateTable>('local-rate-table')
