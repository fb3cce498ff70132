import type { Algorithm } from '../../crypto/tokens/algorithms.ts'
import { parseVerificationKey, type VerificationKey } from '../../crypto/tokens/verification-key.ts'

/** A set of more keys is no key set of an issuer but an attempt to keep us busy. */
const maxKeys = 100
/** Keys that one token may make us try. */
const maxCandidates = 4

export interface KeySet {
  readonly keys: readonly VerificationKey[]
  /** Why members of the set are not used, for the log. */
  readonly unusable: readonly string[]
}

/** Reads a JWK set (RFC 7517 section 5); throws where the document is none or holds no key that can be used. */
export function parseKeySet(document: unknown, algorithms: readonly Algorithm[]): KeySet {
  const members = (document as { keys?: unknown } | null)?.keys
  if (!Array.isArray(members)) throw new Error('it is no JWK set: `keys` is missing')
  if (members.length > maxKeys) throw new Error(`it holds ${members.length} keys, more than ${maxKeys}`)
  const keys: VerificationKey[] = []
  const unusable: string[] = []
  for (const member of members) {
    const key = parseVerificationKey(member, algorithms)
    // A set may hold keys for other purposes; they are passed over (RFC 7517 section 5).
    if ('unusable' in key) unusable.push(key.unusable)
    else keys.push(key)
  }
  if (keys.length === 0) throw new Error(`it holds no usable key (${unusable.join('; ') || 'it is empty'})`)
  return { keys, unusable }
}

/**
 * The keys that may have signed a token: those with its `kid`, and those that have none. The `kid` is compared and
 * nothing else, so that no text in it leads anywhere.
 */
export function selectKeys(
  keys: readonly VerificationKey[],
  keyId: string | null,
  algorithm: Algorithm,
): readonly VerificationKey[] {
  const fitting = keys.filter(({ algorithms }) => algorithms.includes(algorithm))
  const named = fitting.filter(({ id }) => id !== null && (keyId === null || id === keyId))
  const nameless = fitting.filter(({ id }) => id === null)
  return [...named, ...nameless].slice(0, maxCandidates)
}
