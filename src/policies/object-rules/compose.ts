import type { Composition } from '../../core/policy.ts'

/** Rules of a route stand beside the inherited ones: a request must meet both. */
export function compose(): Composition {
  return 'both'
}
