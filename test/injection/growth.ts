import { type Asked, judgeText } from '../../src/injection/judge-text.ts'
import { measureLeastCpu } from '../support/cpu-time.ts'

/** Nanoseconds a byte for a text of 1 KiB and for a long one, and how much more the long one takes. */
export interface Growth {
  readonly small: number
  readonly large: number
  readonly ratio: number
}

export function measureGrowth(unit: string, asked: Asked, length = 1024 * 1024, rounds = 3): Growth {
  const small = measure(fill(unit, 1024), asked, rounds)
  const large = measure(fill(unit, length), asked, rounds)
  return { small, large, ratio: large / small }
}

/** One flat string, as a parser hands it over. */
function fill(unit: string, length: number): string {
  const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

function measure(text: string, asked: Asked, rounds: number): number {
  return (measureLeastCpu(() => judgeText(text, asked), rounds) * 1e6) / text.length
}
