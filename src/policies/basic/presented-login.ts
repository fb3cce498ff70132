import { isUtf8 } from 'node:buffer'
import type { Exchange } from '../../core/exchange.ts'

/** What stood under `Authorization: Basic`. */
export interface PresentedLogin {
  readonly username: string
  readonly password: string
}

export type LoginDefect = 'basic_repeated' | 'basic_malformed'

const scheme = 'basic'
/** In Base64: a user name of 200 characters and a password of 1024 bytes are no longer than this. */
const maxEncoded = 2600
const maxUsername = 200
const maxPasswordBytes = 1024

/**
 * Takes the login out of a request, so that neither the upstream nor the log gets it, whatever is then decided. Null
 * where none was presented: other schemes belong to other policies.
 */
export function takePresentedLogin({ headers }: Exchange): PresentedLogin | null | LoginDefect {
  const flat = headers.flat
  let count = 0
  let found: string | null = null
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'authorization') continue
    count++
    const value = flat[i + 1] as string
    if (isBasic(value)) found = value
  }
  if (found === null) return null
  headers.delete('authorization')
  if (count > 1) return 'basic_repeated'
  return parseLogin(found.slice(scheme.length).trimStart()) ?? 'basic_malformed'
}

/** The scheme's case does not matter (RFC 9110 section 11.1). */
function isBasic(authorization: string): boolean {
  if (authorization.slice(0, scheme.length).toLowerCase() !== scheme) return false
  return authorization.length === scheme.length || authorization[scheme.length] === ' '
}

/** RFC 7617 section 2, in one way only: what another component may read differently is refused. */
function parseLogin(encoded: string): PresentedLogin | null {
  if (encoded.length > maxEncoded) return null
  const bytes = Buffer.from(encoded, 'base64')
  // Node skips what is no Base64; nothing may be skipped.
  if (bytes.toString('base64') !== encoded || !isUtf8(bytes)) return null
  const text = bytes.toString('utf8')
  if (/\p{Cc}/u.test(text)) return null
  const colon = text.indexOf(':')
  if (colon === -1) return null
  const username = text.slice(0, colon)
  const password = text.slice(colon + 1)
  if (username === '' || username.length > maxUsername) return null
  if (password === '' || Buffer.byteLength(password) > maxPasswordBytes) return null
  return { username, password }
}
