import { hash } from 'node:crypto'

/** The form in which secrets of at least 128 random bits are stored: SHA-256 in lower-case hex (ASVS v5.0.0-11.4.1). */
export function digestSecret(secret: string): string {
  return hash('sha256', secret, 'hex')
}
