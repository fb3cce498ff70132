import { ciphertextPrefix } from '../../crypto/ring/ciphertext.ts'

/**
 * Whether any text in a document looks like a ciphertext of the key ring. A client that may send one could have what it
 * found elsewhere decrypted by storing it in a field of its own. The document is not nested deeper than was checked.
 */
export function holdsCiphertext(value: unknown): boolean {
  if (typeof value === 'string') return value.trimStart().startsWith(ciphertextPrefix)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(holdsCiphertext)
}
