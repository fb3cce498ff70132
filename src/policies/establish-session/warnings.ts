import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import type { EstablishSessionOptions } from './options.ts'

export function createWarnings(_options: EstablishSessionOptions, { route }: CheckContext): readonly PolicyWarning[] {
  const who = route.upstream === null ? 'the application' : `upstream "${route.upstream}"`
  return [{ text: `${route.id}: ${who} says who is logged in`, reason: null }]
}
