import { hash, timingSafeEqual } from 'node:crypto'

/**
 * Compares two secrets in a time that tells nothing of how much of them agrees (ASVS v5.0.0-11.2.4). Both sides are
 * hashed, so that neither their lengths nor where they differ is seen.
 */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}

const width = 64
const left = Buffer.alloc(width)
const right = Buffer.alloc(width)

/** The same for two digests of `digestSecret`; anything that has not their length is unequal. */
export function equalDigests(a: string, b: string): boolean {
  if (a.length !== width || b.length !== width) return false
  left.write(a, 'latin1')
  right.write(b, 'latin1')
  return timingSafeEqual(left, right)
}
