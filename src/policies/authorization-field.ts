import type { Fields } from '../core/fields.ts'

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

/** How a token came: on its own, or with a proof of the key that it is bound to (RFC 9449 section 7.1). */
export type TokenScheme = 'bearer' | 'dpop'

export interface PresentedToken {
  readonly scheme: TokenScheme
  /** `Bearer ` and the token, whatever the scheme: one token is one cache entry however its sender writes the field. */
  readonly canonical: string
}

/** Reads a token with the scheme `Bearer` or `DPoP`; null for other schemes (RFC 6750 section 2.1, RFC 9110 section 11.1). */
export function parsePresentedToken(authorization: string): PresentedToken | null {
  const end = authorization.indexOf(' ')
  const scheme = authorization.slice(0, end).toLowerCase()
  if (end === -1 || (scheme !== 'bearer' && scheme !== 'dpop')) return null
  const token = authorization.slice(end + 1)
  return { scheme, canonical: bearerPrefix + (token.startsWith(' ') ? token.trimStart() : token) }
}
