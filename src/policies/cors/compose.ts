import type { Composition } from '../../core/policy.ts'
import type { CorsOptions } from './options.ts'
import { createOriginSet, isOriginPattern, toSampleOrigin } from './origin.ts'

const enforcement = ['off', 'unsafe', 'all'] as const satisfies CorsOptions['enforceOrigin'][]

/** A route's options replace the inherited ones, so none of them may let a page do more. */
export function composeCors(inherited: CorsOptions, own: CorsOptions): Composition {
  const tighter =
    originsWithin(own.origins, inherited.origins) &&
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

function originsWithin(own: readonly string[], inherited: readonly string[]): boolean {
  if (inherited.includes('*')) return true
  const all = createOriginSet(inherited)
  const patterns = createOriginSet(inherited.filter(isOriginPattern))
  return own.every((origin) =>
    isOriginPattern(origin) ? patterns.includes(toSampleOrigin(origin, 'x')) : all.includes(origin),
  )
}

function isSubset(own: readonly string[], inherited: readonly string[]): boolean {
  return own.every((entry) => inherited.includes(entry))
}
