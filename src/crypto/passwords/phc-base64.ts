import { hashUnreadable } from './password-error.ts'

/** Base64 without padding, as PHC strings have it; one text per value. */
export function readBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (toBase64(bytes) !== text) throw hashUnreadable()
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
