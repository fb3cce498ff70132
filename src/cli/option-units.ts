import { z } from 'zod'
import type { JsonSchema } from '../config/json-schema.ts'
import { durationPattern, sizePattern } from '../core/option-types.ts'
import type { AnyPolicy } from '../core/policy.ts'

/** What a compiled number is of: milliseconds, bytes, or just a number. */
export type Unit = 'duration' | 'size' | null

/** Finds the unit of an option by its keys. */
export type FindUnit = (path: readonly string[]) => Unit

const found = new WeakMap<AnyPolicy, FindUnit>()

/** The units of a policy's options, by what a person writes there. */
export function unitsOf(policy: AnyPolicy): FindUnit {
  const known = found.get(policy)
  if (known !== undefined) return known
  const schema = z.toJSONSchema(policy.options, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const find: FindUnit = (path) => {
    const forms = path.reduce<readonly JsonSchema[]>(
      (parents, key) => parents.flatMap((one) => spread(one.properties?.[key])),
      spread(schema),
    )
    if (forms.some(({ pattern }) => pattern === durationPattern)) return 'duration'
    return forms.some(({ pattern }) => pattern === sizePattern) ? 'size' : null
  }
  found.set(policy, find)
  return find
}

/** A schema and, where it has several forms, each of them. */
function spread(schema: JsonSchema | undefined): JsonSchema[] {
  return schema === undefined ? [] : [schema, ...(schema.anyOf ?? []).flatMap(spread)]
}
