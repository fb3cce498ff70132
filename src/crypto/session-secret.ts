import { randomBytes } from 'node:crypto'
import { digestSecret } from './digest.ts'

/** What stands in a session's cookie, and what of it may be stored and shown. */
export interface SessionSecret {
  /** 256 random bits in base64url (ASVS v5.0.0-7.2.3). */
  readonly text: string
  readonly digest: string
  /** Names the session in lists and logs. */
  readonly id: string
}

const idDigits = 24
const form = /^[A-Za-z0-9_-]{43}$/

export function createSessionSecret(): SessionSecret {
  const text = randomBytes(32).toString('base64url')
  const digest = digestSecret(text)
  return { text, digest, id: toSessionId(digest) }
}

/** The digest of what a cookie holds; null where no session ever had that form. */
export function digestSessionSecret(text: string): string | null {
  return form.test(text) ? digestSecret(text) : null
}

/** 96 bits of the digest: enough to tell sessions apart, of no use for making the secret. */
export function toSessionId(digest: string): string {
  return digest.slice(0, idDigits)
}
