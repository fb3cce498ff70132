import type { Composition } from '../../core/policy.ts'

/** What a route masks stands beside what it inherits: nothing is shown that either hides. */
export function compose(): Composition {
  return 'both'
}
