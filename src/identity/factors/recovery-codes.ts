import { randomBytes } from 'node:crypto'
import { digestSecret } from '../../crypto/digest.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { NewFactor } from '../../stores/ports/factor-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { sealFactor } from './sealed-factors.ts'

/** What is sealed of them. */
export interface RecoveryData {
  /** Of those that were not used. */
  readonly digests: readonly string[]
}

const count = 10
const groups = 7
const groupLength = 4
/** Letters and digits that nobody takes for others (Crockford's base 32): five bits each, 140 together. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** New codes, each for one use, when a device is lost. They are shown once: only digests are kept. */
export function createRecoveryCodes(
  payloads: SealedPayloads,
  account: string,
  now: number,
): { readonly codes: readonly string[]; readonly factor: NewFactor } {
  const codes = Array.from({ length: count }, createCode)
  const named = { id: randomText(16), account }
  const data: RecoveryData = { digests: codes.map(toRecoveryDigest) }
  const sealed = sealFactor(payloads, named, data)
  return { codes, factor: { ...named, kind: 'recovery', data: sealed, label: null, createdAt: now } }
}

/** However it is written: in groups or not, in capitals, with letters for digits that look like them. */
export function toRecoveryDigest(code: string): string {
  const text = code
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[^0-9a-z]/g, '')
  return digestSecret(text.replaceAll('o', '0').replaceAll(/[il]/g, '1'))
}

function createCode(): string {
  const bytes = randomBytes(groups * groupLength)
  const letters = Array.from(bytes, (byte) => alphabet[byte % alphabet.length])
  return Array.from({ length: groups }, (_, i) => letters.slice(i * groupLength, (i + 1) * groupLength).join('')).join(
    '-',
  )
}
