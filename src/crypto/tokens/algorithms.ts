/** The signature algorithms that may be allowed: asymmetric ones only, never `none` (RFC 8725 section 3.1). */
export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

export type Algorithm = (typeof algorithms)[number]

export const defaultAlgorithms: readonly Algorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']

interface KeyShape {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly crv: string | null
}

const ecCurves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/** The type and curve that a key needs for an algorithm (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
export function toKeyShape(algorithm: Algorithm): KeyShape {
  if (algorithm.startsWith('ES')) return { kty: 'EC', crv: ecCurves[algorithm] ?? null }
  if (algorithm.startsWith('Ed')) return { kty: 'OKP', crv: 'Ed25519' }
  return { kty: 'RSA', crv: null }
}

/** Whether a key that declares an algorithm may serve this one: RFC 9864 renamed `EdDSA` with Ed25519. */
export function isSameAlgorithm(declared: string, algorithm: Algorithm): boolean {
  return toNewName(declared) === toNewName(algorithm)
}

function toNewName(algorithm: string): string {
  return algorithm === 'EdDSA' ? 'Ed25519' : algorithm
}
