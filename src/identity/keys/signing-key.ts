import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import { decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import type { SigningKeyRecord } from '../../stores/ports/signing-key-store.ts'

/** Makes a key for ES256 (RFC 7518 section 3.4), its private part sealed for this row alone. */
export async function generateSigningKey(
  ring: LiveKeyRing,
  createdAt: number,
  signsFrom: number,
): Promise<SigningKeyRecord> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const id = await calculateJwkThumbprint(publicKey)
  const named = { kid: id, alg: 'ES256', use: 'sig' }
  const sealed = encryptField(
    ring.current(),
    JSON.stringify({ ...(await exportJWK(privateKey)), ...named }),
    toContext(id),
  )
  return { id, publicKey: JSON.stringify({ ...(await exportJWK(publicKey)), ...named }), sealed, createdAt, signsFrom }
}

/** The private key. Rejects with a `DecryptionError` where it was changed or moved. */
export async function openSigningKey(ring: LiveKeyRing, { id, sealed }: SigningKeyRecord): Promise<JWK> {
  const known = await ring.withKey(parseCiphertext(sealed)?.keyId ?? '')
  return JSON.parse(decryptField(known, sealed, toContext(id)))
}

function toContext(id: string): readonly string[] {
  return ['identity', 'signing-key', id]
}
