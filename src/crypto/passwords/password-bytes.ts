import { createHmac } from 'node:crypto'
import { bcryptMaxBytes } from './derive.ts'
import type { HashParameters } from './parameters.ts'
import { PasswordError } from './password-error.ts'

/** Longer than any passphrase, and short enough that nobody can make this process chew on megabytes. */
export const maxPasswordBytes = 1024

/**
 * The bytes of a password as they are hashed: UTF-8 of its NFC form, so that the same word typed on two systems is the
 * same password (NIST SP 800-63B-4 section 3.1.1.2). NFC and not NFKC, as RFC 8265 section 4.2.2 has it: NFKC would make
 * `²` and `2` the same. Null where nobody can have such a password.
 */
export function toPasswordBytes(password: string): Uint8Array | null {
  return isTooLong(password) ? null : toBytes(password.normalize('NFC'))
}

/** What may have been hashed elsewhere, where nobody normalises: the password's NFC form, then the text as it came. */
export function toCandidates(password: string): Uint8Array[] {
  if (isTooLong(password)) return []
  const normal = password.normalize('NFC')
  return (normal === password ? [normal] : [normal, password]).flatMap((text) => toBytes(text) ?? [])
}

/** Throws a `PasswordError` where the algorithm would not see all of the password. */
export function checkFits(bytes: Uint8Array, { algorithm }: HashParameters): void {
  if (algorithm !== 'bcrypt') return
  if (bytes.length > bcryptMaxBytes) {
    const message = `bcrypt reads ${bcryptMaxBytes} bytes: this password has ${bytes.length}; use argon2id, or a pepper`
    throw new PasswordError('password_invalid', message)
  }
  if (bytes.includes(0)) throw new PasswordError('password_invalid', 'other bcrypts stop reading at a NUL character')
}

/** What is hashed in the place of a peppered password: 44 characters of Base64, which fit bcrypt as well. */
export function pepperBytes(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return Buffer.from(createHmac('sha256', key).update(bytes).digest('base64'))
}

/** Asked before it is normalised, which takes time in proportion to the square of the marks in it. */
function isTooLong(password: string): boolean {
  return password.length > maxPasswordBytes
}

function toBytes(text: string): Uint8Array | null {
  // Half of a surrogate pair would become U+FFFD, whichever half of whichever pair it was.
  if (text === '' || !text.isWellFormed()) return null
  const bytes = Buffer.from(text)
  return bytes.length > maxPasswordBytes ? null : bytes
}
