import { DecryptionError } from '../../crypto/ring/decryption-error.ts'
import { blindIndex, decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { KeyRing } from '../../crypto/ring/key-ring.ts'

/** A text is encrypted as it is; of anything else its JSON is, under a context that says so. */
const jsonMark = 'json'

/** Encrypts a value, given as it is written in JSON, for its context; what comes back is JSON too. */
export function encryptValue(ring: KeyRing, raw: string, context: readonly string[]): string {
  const value: unknown = JSON.parse(raw)
  // Half of a surrogate pair cannot be encrypted as text without being changed.
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(encryptField(ring, value, context))
  return JSON.stringify(encryptField(ring, raw, [...context, jsonMark]))
}

/** What `encryptValue` was given; null where this is not what it made for this context, or the key is not there. */
export function decryptValue(ring: KeyRing, raw: string, context: readonly string[]): string | null {
  const value: unknown = JSON.parse(raw)
  if (typeof value !== 'string') return null
  const text = decrypt(ring, value, context)
  if (text !== null) return JSON.stringify(text)
  const json = decrypt(ring, value, [...context, jsonMark])
  return json !== null && isJson(json) ? json : null
}

/** What stands beside a text so that an equal one is found; null for values of other types. */
export function indexValue(ring: KeyRing, raw: string, context: readonly string[]): string | null {
  const value: unknown = JSON.parse(raw)
  return typeof value === 'string' && value.isWellFormed() ? JSON.stringify(blindIndex(ring, value, context)) : null
}

function decrypt(ring: KeyRing, text: string, context: readonly string[]): string | null {
  try {
    return decryptField(ring, text, context)
  } catch (error) {
    // A TypeError: it is authentic, but no text, so somebody else's.
    if (error instanceof DecryptionError || error instanceof TypeError) return null
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
