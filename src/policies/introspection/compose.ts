import { isDeepStrictEqual } from 'node:util'
import type { Composition } from '../../core/policy.ts'
import type { IntrospectionOptions } from './options.ts'

/** A route may believe answers for a shorter time. Another issuer, or other meanings of its claims, are a loosening. */
export function compose(inherited: IntrospectionOptions, own: IntrospectionOptions): Composition {
  const longer =
    own.lifetime > inherited.lifetime ||
    own.negativeLifetime > inherited.negativeLifetime ||
    own.maxStale > inherited.maxStale ||
    (own.onFailure === 'cached' && inherited.onFailure === 'refuse')
  return longer || !isDeepStrictEqual(withoutTimes(inherited), withoutTimes(own)) ? 'looser' : 'tighter'
}

function withoutTimes(options: IntrospectionOptions) {
  const { lifetime, negativeLifetime, maxStale, onFailure, realm, timeout, maxConcurrent, ...rest } = options
  return rest
}
