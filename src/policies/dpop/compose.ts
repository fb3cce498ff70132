import type { Composition } from '../../core/policy.ts'
import type { DpopOptions } from './options.ts'

/** A route may ask for more: for bound credentials, a nonce, younger proofs, fewer algorithms or origins. */
export function compose(inherited: DpopOptions, own: DpopOptions): Composition {
  const looser =
    (inherited.required && !own.required) ||
    (inherited.nonce === 'required' && own.nonce === 'off') ||
    own.maxAge > inherited.maxAge ||
    own.clockTolerance > inherited.clockTolerance ||
    !own.algorithms.every((algorithm) => inherited.algorithms.includes(algorithm)) ||
    !isWithin(own.origins, inherited.origins)
  return looser ? 'looser' : 'tighter'
}

/** Without origins, what a request says of itself counts: neither is tighter than the other. */
function isWithin(own: DpopOptions['origins'], inherited: DpopOptions['origins']): boolean {
  if (inherited === undefined || own === undefined) return inherited === own
  return own.every((origin) => inherited.includes(origin))
}
