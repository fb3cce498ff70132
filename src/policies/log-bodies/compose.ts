import type { Composition } from '../../core/policy.ts'
import type { LogBodiesOptions } from './options.ts'

/** A route may record less than it inherits, and hide more of it. */
export function composeLogBodies(inherited: LogBodiesOptions, own: LogBodiesOptions): Composition {
  const tighter =
    (!own.request || inherited.request) &&
    (!own.response || inherited.response) &&
    own.maxBytes <= inherited.maxBytes &&
    inherited.mask.every((entry) => own.mask.includes(entry))
  return tighter ? 'tighter' : 'looser'
}
