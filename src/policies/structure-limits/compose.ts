import type { Composition } from '../../core/policy.ts'
import type { StructureLimitsOptions } from './options.ts'

/** A route's options replace the inherited ones, so each of them must be at least as tight. */
export function compose(inherited: StructureLimitsOptions, own: StructureLimitsOptions): Composition {
  const tighter =
    (inherited.types === undefined || own.types?.every(isWithin(inherited.types)) === true) &&
    (own.xml === 'refuse' || inherited.xml === 'plain') &&
    (['json', 'query', 'form', 'multipart'] as const).every((part) => isTighter(inherited[part], own[part]))
  return tighter ? 'tighter' : 'looser'
}

/** Numbers and switches let more pass the larger they are, and so do lists; but for the list of what is forbidden. */
function isTighter(inherited: object, own: object): boolean {
  const before = new Map<string, unknown>(Object.entries(inherited))
  return Object.entries(own).every(([name, after]) => {
    const value = before.get(name)
    if (name === 'forbiddenNames') return isSubset(value as string[], after)
    return Array.isArray(after) ? isSubset(after, value as string[]) : Number(after) <= Number(value)
  })
}

function isSubset(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one))
}

function isWithin(types: readonly string[]): (type: string) => boolean {
  return (type) => types.includes(type) || types.includes(`${type.split('/')[0]}/*`)
}
