import { type Asked, judgeText } from '../../src/injection/judge-text.ts'

/** Nanoseconds a byte for a text of 1 KiB and for a long one, and how much more the long one takes. */
export interface Growth {
  readonly small: number
  readonly large: number
  readonly ratio: number
}

/** Measures processor time, which other work on the machine disturbs less than the clock. */
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

/** The best of some rounds: what is slower was disturbed. */
function measure(text: string, asked: Asked, rounds: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage()
    let count = 0
    let micros = 0
    do {
      judgeText(text, asked)
      count++
      const { user, system } = process.cpuUsage(start)
      micros = user + system
    } while (micros < 2000)
    best = Math.min(best, (micros * 1000) / count / text.length)
  }
  return best
}
