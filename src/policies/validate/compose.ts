import type { Composition } from '../../core/policy.ts'

/** What is inherited goes on being asked for, beside what the route asks. */
export function compose(): Composition {
  return 'both'
}
