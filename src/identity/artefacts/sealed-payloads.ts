import { digestSecret } from '../../crypto/digest.ts'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import { blindIndex, decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'

interface Sealed {
  readonly kind: string
  readonly digest: string
  readonly payload: string
}

/**
 * Encrypts what is kept, each for its own row of its own issuer: moved to another one, it cannot be opened. What is shown at an
 * issuer where it does not belong is not even found, because digests differ too.
 */
export interface SealedPayloads {
  /** The tenant whose issuer this is; null for the block itself. */
  readonly realm: string | null
  /** Under what a token, a code or an id is kept. */
  digest(text: string): string
  seal(kind: string, digest: string, value: object): string
  /** Rejects with a `DecryptionError` where it was changed or moved. */
  open(sealed: Sealed): Promise<unknown>
  /** What a text that could be guessed is found by. */
  index(text: string): string
}

export function createSealedPayloads(ring: LiveKeyRing, realm: string | null = null): SealedPayloads {
  const ofRealm = realm === null ? [] : ['tenant', realm]
  const toContext = (kind: string, digest: string) => ['identity', ...ofRealm, kind, digest]
  return {
    realm,
    digest: realm === null ? digestSecret : (text) => digestSecret(JSON.stringify([realm, text])),
    seal: (kind, digest, value) => encryptField(ring.current(), JSON.stringify(value), toContext(kind, digest)),
    async open({ kind, digest, payload }) {
      const known = await ring.withKey(parseCiphertext(payload)?.keyId ?? '')
      return JSON.parse(decryptField(known, payload, toContext(kind, digest)))
    },
    index: (text) => blindIndex(ring.current(), text, ['identity', ...ofRealm, 'user-code']),
  }
}
