import { randomBytes } from 'node:crypto'
import { digestSecret } from '../../crypto/digest.ts'

/** A secret of a client: what is shown once, and what of it is stored. 256 random bits (ASVS v5.0.0-11.5.1). */
export function createClientSecret(): { readonly text: string; readonly digest: string } {
  const text = `pcs_${randomBytes(32).toString('base64url')}`
  return { text, digest: digestSecret(text) }
}
