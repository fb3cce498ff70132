/** A ciphertext as it is stored: `pce1.<key id>.<nonce, ciphertext and tag in Base64url>`. */
export interface Ciphertext {
  readonly keyId: string
  readonly sealed: Uint8Array
}

const version = 'pce1'
/** What every ciphertext begins with. */
export const ciphertextPrefix = `${version}.`
const form = /^pce1\.([0-9A-Za-z]{12})\.([A-Za-z0-9_-]{54,})$/

export function formatCiphertext({ keyId, sealed }: Ciphertext): string {
  return `${version}.${keyId}.${Buffer.from(sealed).toString('base64url')}`
}

/** Null where the text is none; a ciphertext has one text only. */
export function parseCiphertext(text: string): Ciphertext | null {
  const match = form.exec(text)
  if (match === null) return null
  const [, keyId, encoded] = match as unknown as [string, string, string]
  const sealed = Buffer.from(encoded, 'base64url')
  return sealed.toString('base64url') === encoded ? { keyId, sealed } : null
}
