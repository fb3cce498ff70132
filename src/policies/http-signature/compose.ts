import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { HttpSignatureOptions } from './options.ts'

/** A route may know fewer keys, ask for more to be signed, and believe signatures for less long. */
export function compose(inherited: HttpSignatureOptions, own: HttpSignatureOptions): Composition {
  const isLooser =
    own.keys.some((one) => !inherited.keys.some((other) => isSame(one, other))) ||
    inherited.components.some((name) => !own.components.includes(name)) ||
    own.tag !== inherited.tag ||
    own.maxAge > inherited.maxAge ||
    own.clockSkew > inherited.clockSkew ||
    own.maxBody > inherited.maxBody ||
    (inherited.nonce === 'required' && own.nonce === 'optional') ||
    (inherited.replay === 'refuse' && own.replay === 'allow')
  return isLooser ? 'looser' : 'tighter'
}
