const keyLength = 32

/**
 * Reads a key of 256 bits that a person made (`openssl rand -base64 32`, or `-hex`); null where the text is none. A
 * passphrase is refused: it would be guessed.
 */
export function parseKeyText(text: string): Buffer | null {
  const clean = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(clean)) return Buffer.from(clean, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(clean)) return null
  const bytes = Buffer.from(clean, 'base64')
  return bytes.length === keyLength && new Set(bytes).size > 1 ? bytes : null
}

/** What to say where it is none. */
export const keyTextAdvice = 'it must be 32 random bytes in Base64 or hex: openssl rand -base64 32'
