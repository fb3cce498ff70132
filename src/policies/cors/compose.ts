import { areOriginsWithin } from '../../core/origin.ts'
import type { Composition } from '../../core/policy.ts'
import type { CorsOptions } from './options.ts'

const enforcement = ['off', 'unsafe', 'all'] as const satisfies CorsOptions['enforceOrigin'][]

/** A route's options replace the inherited ones, so none of them may let a page do more. */
export function composeCors(inherited: CorsOptions, own: CorsOptions): Composition {
  const tighter =
    areOriginsWithin(own.origins, inherited.origins) &&
    (inherited.methods === undefined || (own.methods !== undefined && isSubset(own.methods, inherited.methods))) &&
    isSubset(own.allowedHeaders, inherited.allowedHeaders) &&
    isSubset(own.exposedHeaders, inherited.exposedHeaders) &&
    (!own.credentials || inherited.credentials) &&
    own.maxAge <= inherited.maxAge &&
    enforcement.indexOf(own.enforceOrigin) >= enforcement.indexOf(inherited.enforceOrigin) &&
    (!own.privateNetwork || inherited.privateNetwork) &&
    (own.unsafeAllowNullOrigin === undefined || inherited.unsafeAllowNullOrigin !== undefined)
  return tighter ? 'tighter' : 'looser'
}

function isSubset(own: readonly string[], inherited: readonly string[]): boolean {
  return own.every((entry) => inherited.includes(entry))
}
