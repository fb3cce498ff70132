import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import { blindIndex, decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'

interface Sealed {
  readonly kind: string
  readonly digest: string
  readonly payload: string
}

/** Encrypts what is kept, each for its own row: moved to another one, it cannot be opened. */
export interface SealedPayloads {
  seal(kind: string, digest: string, value: object): string
  /** Rejects with a `DecryptionError` where it was changed or moved. */
  open(sealed: Sealed): Promise<unknown>
  /** What a text that could be guessed is found by. */
  index(text: string): string
}

export function createSealedPayloads(ring: LiveKeyRing): SealedPayloads {
  return {
    seal: (kind, digest, value) => encryptField(ring.current(), JSON.stringify(value), toContext(kind, digest)),
    async open({ kind, digest, payload }) {
      const known = await ring.withKey(parseCiphertext(payload)?.keyId ?? '')
      return JSON.parse(decryptField(known, payload, toContext(kind, digest)))
    },
    index: (text) => blindIndex(ring.current(), text, ['identity', 'user-code']),
  }
}

function toContext(kind: string, digest: string): readonly string[] {
  return ['identity', kind, digest]
}
