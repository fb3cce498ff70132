import { createHmac, timingSafeEqual } from 'node:crypto'

export const totpDigits = 6
export const totpPeriodSeconds = 30
/** How far the clock of a person's device may be wrong, in steps. */
const skewSteps = 1

/** The code of one step of time (RFC 6238 section 4, RFC 4226 section 5.3). SHA-1 is what every app understands. */
export function toTotpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac[mac.length - 1] as number) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** totpDigits).padStart(totpDigits, '0')
}

export function toTotpStep(now: number): number {
  return Math.floor(now / 1000 / totpPeriodSeconds)
}

/**
 * The step of time that a code is of; null where it is of none that is near. A step is good for one use: none up to
 * `lastStep` is looked at (RFC 6238 section 5.2). It takes the same time whatever the code.
 */
export function findTotpStep(secret: Uint8Array, code: string, now: number, lastStep: number): number | null {
  const current = toTotpStep(now)
  const typed = Buffer.from(toDigits(code))
  let found: number | null = null
  for (let step = current - skewSteps; step <= current + skewSteps; step++) {
    const expected = Buffer.from(toTotpCode(secret, step))
    const same = typed.length === expected.length && timingSafeEqual(typed, expected)
    if (same && step > lastStep) found = step
  }
  return found
}

/** Apps show codes in groups, and people type them so. */
function toDigits(code: string): string {
  return code.slice(0, 20).replaceAll(' ', '').replaceAll('-', '')
}
