import type { JsonSchema } from '../../openapi/operation.ts'
import { partsOf } from './parts.ts'
import { isSchemaObject, type References, type SchemaObject, toToken } from './references.ts'
import { SchemaError } from './schema-error.ts'

const applicators = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas']

/**
 * Refuses properties that the description of an object does not list (mass assignment), where it lists any and says
 * nothing of others. What is said in `allOf`, in the branch of `oneOf` that holds, or behind a reference counts as listed.
 * @param schema as it was written
 * @param prepared what is made of it
 */
export function closeObject(
  schema: SchemaObject,
  prepared: SchemaObject,
  references: References,
  at: string,
): JsonSchema {
  if (schema.additionalProperties !== undefined || schema.unevaluatedProperties !== undefined) return prepared
  if (!describesObject(schema, references)) return prepared
  checkOverlap(schema, references, at)
  const isPlain = applicators.every((keyword) => schema[keyword] === undefined)
  return { ...prepared, [isPlain ? 'additionalProperties' : 'unevaluatedProperties']: false }
}

function describesObject(schema: JsonSchema, references: References): boolean {
  for (const part of partsOf(schema, references, true)) {
    if (part.properties !== undefined || part.patternProperties !== undefined) return true
  }
  return false
}

/** Two parts that each describe an object under one name would each refuse what the other lists. */
function checkOverlap(schema: SchemaObject, references: References, at: string): void {
  const found = new Map<string, unknown>()
  for (const { properties } of partsOf(schema, references, false)) {
    if (!isSchemaObject(properties)) continue
    for (const [name, property] of Object.entries(properties)) {
      if (!isSchemaObject(property) || isOpen(property) || !describesObject(property, references)) continue
      const other = found.get(name)
      if (other !== undefined && JSON.stringify(other) !== JSON.stringify(property)) {
        const message = `describes the object /${toToken(name)} in two places of \`allOf\`, so that its properties are not told by one of them`
        throw new SchemaError(at, message, 'Write `additionalProperties` or `unevaluatedProperties` in both.')
      }
      found.set(name, property)
    }
  }
}

function isOpen({ additionalProperties, unevaluatedProperties }: SchemaObject): boolean {
  return additionalProperties !== undefined || unevaluatedProperties !== undefined
}
