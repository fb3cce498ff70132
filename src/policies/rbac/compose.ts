import type { Composition } from '../../core/policy.ts'
import { implies } from './clauses.ts'
import type { RbacOptions } from './options.ts'

/** A route's demands replace the inherited ones only where they imply them; else a caller must meet both. */
export function compose(inherited: RbacOptions, own: RbacOptions): Composition {
  return implies(own, inherited) ? 'tighter' : 'both'
}
