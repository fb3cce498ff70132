/**
 * Where a ciphertext belongs, part by part, such as `['customers', 'card', '42']`. It is not stored, but without the
 * same context nothing is decrypted: a ciphertext that was moved to another row, column or purpose is worth nothing.
 */
export type EncryptionContext = readonly string[]

/**
 * The context as additional authenticated data. Every part carries its length, so that `['ab', 'c']` and `['a', 'bc']`
 * are two contexts (ASVS v5.0.0-11.3.3).
 */
export function encodeContext(context: EncryptionContext): Buffer {
  return Buffer.concat([
    toLength(context.length),
    ...context.flatMap((part) => {
      // Half of a surrogate pair would become U+FFFD, whichever half it was.
      if (!part.isWellFormed()) throw new TypeError('a context must be well-formed Unicode text')
      const bytes = Buffer.from(part)
      return [toLength(bytes.length), bytes]
    }),
  ])
}

function toLength(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
