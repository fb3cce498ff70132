import { areOriginsWithin } from '../../core/origin.ts'
import type { Composition } from '../../core/policy.ts'
import type { CsrfOptions } from './options.ts'

/** A token proves what an origin does, so that taking one instead is no weaker. */
const tokenLevels = ['off', 'accept', 'require'] as const satisfies CsrfOptions['token'][]

/** A route may check more requests, trust fewer pages and ask for a token. */
export function compose(inherited: CsrfOptions, own: CsrfOptions): Composition {
  const tighter =
    checksAll(own.cookies, inherited.cookies) &&
    areOriginsWithin(own.trustedOrigins, inherited.trustedOrigins) &&
    (!own.sameSite || inherited.sameSite) &&
    tokenLevels.indexOf(own.token) >= tokenLevels.indexOf(inherited.token) &&
    own.tokenLifetime <= inherited.tokenLifetime &&
    (inherited.harden === undefined || hardensAll(own.harden, inherited.harden))
  return tighter ? 'tighter' : 'looser'
}

function checksAll(own: CsrfOptions['cookies'], inherited: CsrfOptions['cookies']): boolean {
  if (own === 'any' || inherited === 'session') return true
  return inherited !== 'any' && own !== 'session' && inherited.every((name) => own.includes(name))
}

function hardensAll(own: CsrfOptions['harden'], inherited: NonNullable<CsrfOptions['harden']>): boolean {
  if (own === undefined) return false
  return (
    (own.sameSite === 'strict' || inherited.sameSite === 'lax') &&
    (own.httpOnly || !inherited.httpOnly) &&
    own.except.every((name) => inherited.except.includes(name))
  )
}
