import { digestSecret } from '../../crypto/digest.ts'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import { DecryptionError } from '../../crypto/ring/decryption-error.ts'
import { decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import type { Artefact, NewArtefact } from '../../stores/ports/artefact-store.ts'
import type { Tokens } from './tokens.ts'

export const tokensKind = 'BrowserTokens'

/** What the tokens of a session are found by. */
export function toTokensDigest(session: string): string {
  return digestSecret(`browser-login:${session}`)
}

/** Tokens as they are stored, of no use to who reads the store. */
export function sealTokens(session: string, tokens: Tokens, ring: LiveKeyRing): NewArtefact {
  const digest = toTokensDigest(session)
  return {
    kind: tokensKind,
    digest,
    payload: encryptField(ring.current(), JSON.stringify(tokens), toContext(digest)),
    grant: tokens.grant,
    uid: null,
    userCode: null,
    expiresAt: tokens.endsAt,
    account: tokens.account,
  }
}

/** Null where they were changed or moved, or kept by a version that knew less; a key that is not known may be, a moment later. */
export async function unsealTokens({ payload, digest }: Artefact, live: LiveKeyRing): Promise<Tokens | null> {
  const ring = await live.withKey(parseCiphertext(payload)?.keyId ?? '')
  try {
    const tokens: Tokens = JSON.parse(decryptField(ring, payload, toContext(digest)))
    return 'login' in tokens ? tokens : null
  } catch (error) {
    if (error instanceof DecryptionError && error.code !== 'key_unknown') return null
    throw error
  }
}

function toContext(digest: string): readonly string[] {
  return ['browser-login', 'tokens', digest]
}
