import type { Composition } from '../../core/policy.ts'

/** What one set of policies permits says nothing of another: a caller must be permitted by both. */
export function compose(): Composition {
  return 'both'
}
