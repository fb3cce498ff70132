import { z } from 'zod'
import type { AnyPolicy } from '../core/policy.ts'
import { policies as registry } from '../policies/index.ts'
import { otherBlocks } from './schema/other-blocks.ts'
import { collectBlocks, createPolicyFileSchema } from './schema/policy-file.ts'
import { definitionName, innerOf } from './schema/stands-for.ts'

/** A JSON Schema, as far as its readers here need to know it. */
export interface JsonSchema {
  $schema?: string
  $ref?: string
  $defs?: Record<string, JsonSchema>
  title?: string
  description?: string
  type?: string
  const?: unknown
  enum?: unknown[]
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  minItems?: number
  required?: string[]
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  propertyNames?: JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

/** The JSON Schema (draft 2020-12) of what may be written, for editors: completion, descriptions, unknown keys. */
export function buildJsonSchema(policies: readonly AnyPolicy[] = registry): JsonSchema {
  const definitions: Record<string, JsonSchema> = {}
  const schema = convert(createPolicyFileSchema(policies, collectBlocks(policies, otherBlocks)), definitions)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Portcullis policy file',
    ...schema,
    $defs: definitions,
  }
}

function convert(schema: z.core.$ZodType, definitions: Record<string, JsonSchema>): JsonSchema {
  const {
    $schema: _,
    '~standard': __,
    ...converted
  } = z.toJSONSchema(schema as z.ZodType, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const inner = innerOf(zodSchema)
      if (inner !== null) show(zodSchema, inner, jsonSchema as JsonSchema, definitions)
    },
  }) as JsonSchema & { '~standard'?: unknown }
  return converted
}

/** A schema that reads its value by a function is shown as the schema that stands for it. */
function show(
  schema: z.core.$ZodType,
  inner: z.core.$ZodType,
  target: JsonSchema,
  definitions: Record<string, JsonSchema>,
): void {
  const name = definitionName(schema)
  if (name === null) {
    Object.assign(target, { ...convert(inner, definitions), ...target })
    return
  }
  definitions[name] ??= convert(inner, definitions)
  target.$ref = `#/$defs/${name}`
}
