import type { z } from 'zod'
import { innerOf } from '../schema/stands-for.ts'
import type { KeyPath } from '../source/key-path.ts'

/** The keys that may stand at a path, for "did you mean". */
export function knownKeys(schema: z.core.$ZodType, path: KeyPath): string[] {
  let level = spread(schema)
  for (const key of path) level = level.flatMap((one) => spread(childOf(one, key)))
  return [...new Set(level.flatMap((one) => Object.keys(shapeOf(one))))]
}

/** The keys of an object schema, through what wraps it; none for other schemas. */
export function optionKeys(schema: z.core.$ZodType): string[] {
  return knownKeys(schema, [])
}

/** A schema without its wrappers; a union as all of its members. */
function spread(schema: z.core.$ZodType | null): z.core.$ZodType[] {
  if (schema === null) return []
  const inner = innerOf(schema)
  if (inner !== null) return spread(inner)
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return spread(def.innerType)
    case 'pipe':
      return spread(def.in)
    case 'union':
      return def.options.flatMap(spread)
    case 'intersection':
      return [...spread(def.left), ...spread(def.right)]
    default:
      return [schema]
  }
}

function childOf(schema: z.core.$ZodType, key: string | number): z.core.$ZodType | null {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return def.shape[key] ?? def.catchall ?? null
    case 'record':
      return def.valueType
    case 'array':
      return def.element
    default:
      return null
  }
}

function shapeOf(schema: z.core.$ZodType): z.core.$ZodLooseShape {
  const { def } = (schema as z.core.$ZodTypes)._zod
  return def.type === 'object' ? def.shape : {}
}
