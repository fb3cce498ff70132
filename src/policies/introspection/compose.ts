import { isDeepStrictEqual } from 'node:util'
import type { Composition } from '../../core/policy.ts'
import { isLooserBinding } from '../required-binding.ts'
import type { IntrospectionOptions } from './options.ts'

/** A route may believe answers for a shorter time, and demand tokens that are bound. Another issuer, or other meanings of its claims, are a loosening. */
export function compose(inherited: IntrospectionOptions, own: IntrospectionOptions): Composition {
  const looser =
    isLooserBinding(inherited.bound, own.bound) ||
    own.lifetime > inherited.lifetime ||
    own.negativeLifetime > inherited.negativeLifetime ||
    own.maxStale > inherited.maxStale ||
    (own.onFailure === 'cached' && inherited.onFailure === 'refuse')
  return looser || !isDeepStrictEqual(withoutTighter(inherited), withoutTighter(own)) ? 'looser' : 'tighter'
}

function withoutTighter(options: IntrospectionOptions) {
  const { bound, lifetime, negativeLifetime, maxStale, onFailure, realm, timeout, maxConcurrent, ...rest } = options
  return rest
}
