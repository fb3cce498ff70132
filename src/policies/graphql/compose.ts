import type { Composition } from '../../core/policy.ts'
import type { GraphqlOptions } from './options.ts'

const limits = [
  'maxTokens',
  'maxDepth',
  'maxAliases',
  'maxRootFields',
  'maxDirectives',
  'maxCost',
  'maxBatch',
  'maxVariablesBytes',
] as const satisfies (keyof GraphqlOptions)[]

/** A route's options replace the inherited ones, so each of them must be at least as tight. */
export function compose(inherited: GraphqlOptions, own: GraphqlOptions): Composition {
  const tighter =
    limits.every((limit) => own[limit] <= inherited[limit]) &&
    own.accept.every((way) => inherited.accept.includes(way)) &&
    own.operations.every((one) => inherited.operations.includes(one)) &&
    (!own.introspection || inherited.introspection) &&
    inherited.sizeArguments.every((one) => own.sizeArguments.includes(one)) &&
    Object.entries(inherited.weights).every(([field, cost]) => (own.weights[field] ?? 1) >= cost) &&
    Object.keys(own.weights).every((field) => (own.weights[field] ?? 1) >= (inherited.weights[field] ?? 1)) &&
    Object.entries(inherited.lists).every(([field, size]) => (own.lists[field] ?? 1) >= size) &&
    (inherited.allowList === undefined || own.allowList === inherited.allowList)
  return tighter ? 'tighter' : 'looser'
}
