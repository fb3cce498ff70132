import { randomBytes } from 'node:crypto'

/** Ids of accounts that `prove` makes for itself begin so and say when they end: no other account has such an id. */
export const probeIdPrefix = 'prove-'

const form = /^prove-(\d{13})-[0-9a-f]{12}$/

export function createProbeId(end: number): string {
  return `${probeIdPrefix}${end}-${randomBytes(6).toString('hex')}`
}

/** When an account of `prove` ends, whether or not it was removed; null for all others. */
export function endOfProbe(id: string): number | null {
  const match = form.exec(id)
  return match === null ? null : Number(match[1])
}
