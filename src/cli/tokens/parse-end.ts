import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../../core/units.ts'

/** A moment that may be counted from now. */
export type ReadEnd = (now: number) => number

const longestMs = 3650 * 86_400_000
const date = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/

/** `12h`, `2027-01-31` or `2027-01-31T12:00:00Z`. */
export function parseEnd(text: string): ReadEnd {
  const durationMs = parseDuration(text)
  if (durationMs !== null) {
    if (durationMs > longestMs) throw new InvalidArgumentError('It is longer than ten years (3650d).')
    return (now) => now + durationMs
  }
  const time = date.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('It is neither a duration such as 12h nor a date in UTC such as 2027-01-31T12:00Z.')
  }
  return () => time
}
