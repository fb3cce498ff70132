import type { JsonSchema } from '../../openapi/operation.ts'
import { isSchemaObject, type References, type SchemaObject } from './references.ts'

/**
 * The schemas that describe the same value as this one: itself and what its applicators and references add.
 * @param alternatives also those that apply under a condition: `anyOf`, `oneOf`, `then`, `else`, `dependentSchemas`
 */
export function partsOf(schema: JsonSchema, references: References, alternatives: boolean): ReadonlySet<SchemaObject> {
  const parts = new Set<SchemaObject>()
  const open: unknown[] = [schema]
  while (open.length > 0) {
    const part = open.pop()
    if (!isSchemaObject(part) || parts.has(part)) continue
    parts.add(part)
    for (const keyword of ['$ref', '$dynamicRef']) {
      const reference = part[keyword]
      if (typeof reference === 'string') open.push(references.find(reference))
    }
    open.push(...listOf(part.allOf))
    if (!alternatives) continue
    open.push(...listOf(part.anyOf), ...listOf(part.oneOf), part.then, part.else)
    if (isSchemaObject(part.dependentSchemas)) open.push(...Object.values(part.dependentSchemas))
  }
  return parts
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The names of properties that only one side sets: `readOnly` ones in requests, `writeOnly` ones in answers. */
export function oneSided(
  schema: JsonSchema,
  references: References,
  keyword: 'readOnly' | 'writeOnly',
): ReadonlySet<string> {
  const names = new Set<string>()
  for (const part of partsOf(schema, references, true)) {
    if (!isSchemaObject(part.properties)) continue
    for (const [name, property] of Object.entries(part.properties)) {
      if (typeof property !== 'object') continue
      for (const one of partsOf(property as SchemaObject, references, false)) if (one[keyword] === true) names.add(name)
    }
  }
  return names
}
