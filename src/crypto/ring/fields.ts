import type { EncryptionContext } from './context.ts'
import type { KeyRing } from './key-ring.ts'

/**
 * Encrypts one field of a record with AES-256-GCM.
 *
 * ```ts
 * import { createKeyRing, decryptField, encryptField } from 'portcullis/crypto'
 * import { randomBytes } from 'node:crypto'
 *
 * const ring = createKeyRing([
 *   { id: 'Key000000001', role: 'active', secret: randomBytes(32) },
 *   { id: 'Index0000001', role: 'index', secret: randomBytes(32) },
 * ])
 * const stored = encryptField(ring, '4111 1111 1111 1111', ['customers', 'card', '42'])
 * console.log(decryptField(ring, stored, ['customers', 'card', '42'])) // 4111 1111 1111 1111
 * ```
 *
 * @param context where it belongs, the record's id included: a ciphertext that was moved elsewhere is not decrypted
 */
export function encryptField(ring: KeyRing, value: string, context: EncryptionContext): string {
  return ring.encrypt(Buffer.from(value), context)
}

/**
 * Decrypts what `encryptField` made; see there.
 * @throws `DecryptionError` where it was changed, belongs to another context, or its key is not in the ring
 */
export function decryptField(ring: KeyRing, text: string, context: EncryptionContext): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(ring.decrypt(text, context))
}

/**
 * What to store beside an encrypted field to find it again by its exact value. Normalise the value yourself (case,
 * spaces), and know what it tells: which records have the same value, and nothing else without the key.
 *
 * @param context the column, without the record's id: `['customers', 'card']`
 */
export function blindIndex(ring: KeyRing, value: string, context: EncryptionContext): string {
  return ring.blindIndex(Buffer.from(value), context)
}
