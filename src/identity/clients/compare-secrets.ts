import { digestSecret } from '../../crypto/digest.ts'
import { equalDigests } from '../../crypto/equal-secrets.ts'
import type { ClientSecret } from '../../stores/ports/client-store.ts'

/** More than any client has: what is longer is not hashed. */
const maxLength = 1024

/**
 * Whether what a client shows is one of its secrets. All of them are compared, so that time does not tell which one it
 * was (ASVS v5.0.0-11.2.4).
 */
export function compareSecrets(stored: readonly ClientSecret[], shown: string, now: number): boolean {
  if (shown.length > maxLength) return false
  const digest = digestSecret(shown)
  let matches = false
  for (const secret of stored) {
    const opens = secret.expiresAt === null || now < secret.expiresAt
    if (equalDigests(secret.digest, digest) && opens) matches = true
  }
  return matches
}

/** @param text what `toMetadata` wrote */
export function parseSecrets(text: string): readonly ClientSecret[] {
  return JSON.parse(text)
}
