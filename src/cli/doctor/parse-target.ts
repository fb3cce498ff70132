import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../../core/units.ts'

const [leastMs, mostMs] = [20, 5000]

export function parseTarget(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('It is no duration such as 250ms.')
  if (ms < leastMs || ms > mostMs) throw new InvalidArgumentError('It must be from 20ms to 5s.')
  return ms
}
