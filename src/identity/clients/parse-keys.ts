import { createPublicKey } from 'node:crypto'
import { parseVerificationKey } from '../../crypto/tokens/verification-key.ts'
import type { PublicJwk } from '../../stores/ports/client-store.ts'

/** What clients may sign with. RSA is left to those that have nothing else, and with PSS only. */
export const clientAlgorithms = ['ES256', 'EdDSA', 'Ed25519', 'PS256'] as const

/** More is no client's key set. */
const maxKeys = 20
/** What makes up a key: each kind serves one algorithm, whichever of its names a signature has. */
const members = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid'] as const

/** Reads a JWK set (RFC 7517 section 5) of a client; throws where none of its keys can be used. */
export function parseClientKeys(document: unknown): readonly PublicJwk[] {
  const keys = (document as { readonly keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) throw new Error('it is no JWK set: `keys` is missing')
  if (keys.length > maxKeys) throw new Error(`it holds ${keys.length} keys, more than ${maxKeys}`)
  const problems: string[] = []
  const usable = keys.filter((key) => {
    const problem = findProblem(key)
    if (problem !== null) problems.push(problem)
    return problem === null
  })
  if (usable.length === 0) throw new Error(`it holds no usable key (${problems.join('; ') || 'it is empty'})`)
  return usable.map((key) => Object.fromEntries(members.flatMap((name) => (name in key ? [[name, key[name]]] : []))))
}

/** Reads what a file holds: a JWK set, a single JWK, or a public key in PEM. */
export function parseKeyText(text: string): readonly PublicJwk[] {
  if (text.trimStart().startsWith('-----BEGIN ')) {
    if (text.includes('PRIVATE KEY')) throw new Error('it holds a private key; give the public one')
    return parseClientKeys({ keys: [createPublicKey(text).export({ format: 'jwk' })] })
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new Error('it is neither PEM nor JSON')
  }
  const isSet = typeof document === 'object' && document !== null && 'keys' in document
  return parseClientKeys(isSet ? document : { keys: [document] })
}

function findProblem(key: unknown): string | null {
  const parsed = parseVerificationKey(key, clientAlgorithms)
  if ('unusable' in parsed) return parsed.unusable
  try {
    createPublicKey({ key: key as Record<string, string>, format: 'jwk' })
    return null
  } catch {
    return 'its numbers are no key'
  }
}
