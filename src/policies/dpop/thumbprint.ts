import { hash } from 'node:crypto'
import type { JsonObject } from '../../crypto/tokens/unique-json.ts'

/** The members that make up a public key, in the order that its thumbprint asks for (RFC 7638 section 3.2). */
const members: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/** The SHA-256 thumbprint of a public JWK; null where it is none. */
export function toThumbprint(jwk: JsonObject): string | null {
  const names = typeof jwk.kty === 'string' && Object.hasOwn(members, jwk.kty) ? members[jwk.kty] : undefined
  if (names === undefined || !names.every((name) => typeof jwk[name] === 'string')) return null
  return hash('sha256', JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]]))), 'base64url')
}
