import { readCookie } from '../../core/cookies.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Fields } from '../../core/fields.ts'
import { isSessionPolicy } from '../session-policies.ts'
import type { CsrfOptions } from './options.ts'

/**
 * By what a request acts for its caller. `cookie`: the browser adds it by itself, whoever asks. `ambient`: so do
 * certificates and passwords, which programs use as well. Null: something that no other page can add.
 */
export type CallerBy = 'cookie' | 'ambient' | null

const ambient = new Set(['basic', 'mtls'])
/** Schemes by which a browser answers for its user by itself, also when a page of another origin asks. */
const ambientSchemes = new Set(['basic', 'digest', 'negotiate', 'ntlm'])

export function createCallerReader(cookies: CsrfOptions['cookies']): (exchange: Exchange) => CallerBy {
  function bringsCookie({ headers }: Exchange): boolean {
    if (cookies === 'any') return headers.has('cookie')
    return cookies !== 'session' && cookies.some((name) => readCookie(headers, name) !== null)
  }

  return (exchange) => {
    const { principal, headers } = exchange
    if (principal !== null) {
      const { policy } = principal.credential
      if (isSessionPolicy(policy)) return 'cookie'
      return ambient.has(policy) ? 'ambient' : null
    }
    if (cookies === 'session' || isDeliberate(headers)) return null
    return bringsCookie(exchange) ? 'cookie' : null
  }
}

/** No page of another origin sets these fields without a preflight that grants it. */
function isDeliberate(headers: Fields): boolean {
  if (headers.has('x-api-key')) return true
  const authorization = headers.get('authorization')
  return authorization !== undefined && !ambientSchemes.has(authorization.split(' ', 1)[0]?.toLowerCase() ?? '')
}
