import type { Composition } from '../../core/policy.ts'
import type { UpstreamIdentityOptions } from './options.ts'

/** A route may tell its upstream in another way, but not by tokens that live longer. */
export function compose(inherited: UpstreamIdentityOptions, own: UpstreamIdentityOptions): Composition {
  return own.lifetime <= inherited.lifetime ? 'tighter' : 'looser'
}
