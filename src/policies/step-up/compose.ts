import type { Composition } from '../../core/policy.ts'
import type { StepUpOptions } from './options.ts'

/** A route's options replace the inherited ones, so each of them must ask for as much. */
export function compose(inherited: StepUpOptions, own: StepUpOptions): Composition {
  const strong = inherited.acr === undefined || (own.acr?.every((one) => inherited.acr?.includes(one)) ?? false)
  const recent = inherited.maxAge === undefined || (own.maxAge !== undefined && own.maxAge <= inherited.maxAge)
  return strong && recent ? 'tighter' : 'looser'
}
