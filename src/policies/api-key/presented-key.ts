import type { Exchange } from '../../core/exchange.ts'
import { apiKeyPrefix } from '../../crypto/api-key.ts'
import { beginsForeign } from './foreign-key.ts'
import type { ApiKeyOptions } from './options.ts'
import { takeParameter } from './query-parameter.ts'

/** More than one key: another component could believe another one of them. */
export const repeated = Symbol('repeated')

const scheme = 'bearer '

/**
 * Takes the key out of a request, so that neither the upstream nor the log gets it, whatever is then decided. Null
 * where none was presented; what is no key of ours under `Authorization` stays where it is.
 */
export function takePresentedKey(exchange: Exchange, options: ApiKeyOptions): string | null | typeof repeated {
  const { headers } = exchange
  const flat = headers.flat
  let found: string | null = null
  let count = 0
  let authorizations = 0
  let inAuthorization = false
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    let key: string | null = null
    if (name === 'authorization') {
      authorizations++
      if (options.bearer) key = readBearerKey(flat[i + 1] as string, options)
      if (key !== null) inAuthorization = true
    } else if (options.headers.includes(name)) {
      key = flat[i + 1] as string
    }
    if (key !== null) {
      found = key
      count++
    }
  }
  if (options.query !== undefined && exchange.query !== '') {
    const taken = takeParameter(exchange.query, options.query)
    if (taken !== null) {
      exchange.query = taken.rest
      found = taken.values[0] as string
      count += taken.values.length
    }
  }
  if (found === null) return null
  if (inAuthorization) headers.delete('authorization')
  for (const name of options.headers) headers.delete(name)
  return count > 1 || (inAuthorization && authorizations > 1) ? repeated : found
}

/** The scheme's case does not matter (RFC 9110 section 11.1); the prefix tells keys from tokens of other policies. */
function readBearerKey(authorization: string, { foreign }: ApiKeyOptions): string | null {
  if (authorization.slice(0, scheme.length).toLowerCase() !== scheme) return null
  const credential = authorization.slice(scheme.length).trim()
  return credential.startsWith(apiKeyPrefix) || beginsForeign(credential, foreign) ? credential : null
}
