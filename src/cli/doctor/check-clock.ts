import type { Checkup } from './checkup.ts'

const name = 'clock'
const dayMs = 86_400_000

/**
 * Whether the time of day can be right. Tokens, certificates and keys are judged by it. Without asking somebody outside,
 * only this can be told: a clock that stands before the program was made is wrong.
 */
export function checkClock(now: number, madeAt: number): Checkup {
  if (now >= madeAt - dayMs) return { name, state: 'ok', text: `the clock says ${new Date(now).toISOString()}` }
  const text = `the clock says ${new Date(now).toISOString()}, which is before this program was made: set it`
  return { name, state: 'fail', text }
}
