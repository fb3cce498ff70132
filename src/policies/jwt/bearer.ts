import type { Fields } from '../../core/fields.ts'

export const bearerPrefix = 'Bearer '

/** Several `Authorization` fields: another component could believe another one of them. */
export const repeated = Symbol('repeated')

/** The one `Authorization` field, null where there is none. */
export function readAuthorization(headers: Fields): string | null | typeof repeated {
  const flat = headers.flat
  let value: string | null = null
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'authorization') continue
    if (value !== null) return repeated
    value = flat[i + 1] as string
  }
  return value
}

/**
 * Spells a bearer credential in one way, so that one token is one cache entry however its sender writes the scheme
 * (RFC 6750 section 2.1, RFC 9110 section 11.1). Null for other schemes.
 */
export function toCanonicalBearer(authorization: string): string | null {
  if (authorization.slice(0, bearerPrefix.length).toLowerCase() !== 'bearer ') return null
  const token = authorization.slice(bearerPrefix.length)
  return bearerPrefix + (token.startsWith(' ') ? token.trimStart() : token)
}
