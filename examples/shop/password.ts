import { createHash } from 'node:crypto'

/** One round of salted SHA-256: far too fast for a password, and what many shops have. Do not copy this. */
export function hashPassword(password: string, salt: string): string {
  return createHash('sha256').update(`${salt}:${password}`).digest('hex')
}
