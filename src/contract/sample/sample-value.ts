import type { JsonSchema } from '../../openapi/operation.ts'
import { ValueShape } from '../parameters/value-shape.ts'
import { parsePattern } from '../pattern/parse-pattern.ts'
import { compileSchema } from '../schema/compile-schema.ts'
import { textFormats } from '../schema/formats.ts'
import { partsOf } from '../schema/parts.ts'
import { createReferences, isSchemaObject, type References, type SchemaObject } from '../schema/references.ts'
import { samplePattern } from './sample-pattern.ts'

const maxDepth = 12
const stretches = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128]

const byFormat: Readonly<Record<string, string>> = {
  date: '2024-02-29',
  time: '12:30:00Z',
  'date-time': '2024-02-29T12:30:00Z',
  duration: 'P1D',
  email: 'probe@example.com',
  hostname: 'www.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://www.example.com/',
  'uri-reference': '/probe',
  'uri-template': '/probe/{id}',
  url: 'https://www.example.com/',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  'json-pointer': '/probe',
  'relative-json-pointer': '0',
  regex: 'a',
  byte: 'cHJv',
  base64url: 'cHJv',
  ...Object.fromEntries(Object.keys(textFormats).map((name) => [name.replace('text-', ''), '1'])),
}

type Direction = 'request' | 'response'

/** A value that the schema allows; undefined where none was found. It is tried before it is handed out. */
export function sampleValue(
  schema: JsonSchema,
  unknownProperties: 'refuse' | 'ignore',
  direction: Direction = 'request',
): unknown {
  const judge = compileSchema(schema, { direction, unknownProperties })
  const references = createReferences(schema)
  for (const stretch of stretches) {
    const value = new Sampler(references, stretch, direction).value(schema, 0)
    if (value !== undefined && judge.judge(value, 'body', '').length === 0) return value
  }
  return undefined
}

class Sampler {
  readonly #references: References
  readonly #stretch: number
  /** What marks a property that is not to be there. */
  readonly #absent: 'readOnly' | 'writeOnly'

  constructor(references: References, stretch: number, direction: Direction) {
    this.#references = references
    this.#stretch = stretch
    this.#absent = direction === 'request' ? 'readOnly' : 'writeOnly'
  }

  value(schema: JsonSchema, depth: number): unknown {
    if (schema === false || depth > maxDepth) return undefined
    const parts = [...this.#parts(schema)]
    for (const { const: only, enum: all, examples, example, default: usual } of parts) {
      const given = only ?? (Array.isArray(all) ? all[0] : undefined)
      if (given !== undefined) return given
      const shown =
        this.#stretch === 0 ? ((Array.isArray(examples) ? examples[0] : undefined) ?? example ?? usual) : undefined
      if (shown !== undefined) return shown
    }
    const { types } = new ValueShape(schema, this.#references)
    if (types.has('object')) return this.#object(schema, parts, depth)
    if (types.has('array')) return this.#array(parts, depth)
    if (types.has('integer') || types.has('number')) return sampleNumber(parts)
    if (types.has('boolean')) return true
    return types.has('null') && !types.has('string') ? null : this.#text(parts)
  }

  /** With the first of alternatives. */
  #parts(schema: JsonSchema): ReadonlySet<SchemaObject> {
    const parts = new Set(partsOf(schema, this.#references, false))
    for (const { anyOf, oneOf } of [...parts]) {
      for (const alternatives of [anyOf, oneOf]) {
        const first = Array.isArray(alternatives) ? (alternatives[0] as JsonSchema) : undefined
        if (first !== undefined) for (const part of partsOf(first, this.#references, false)) parts.add(part)
      }
    }
    return parts
  }

  #object(schema: JsonSchema, parts: readonly SchemaObject[], depth: number): unknown {
    const properties = new Map<string, JsonSchema>()
    for (const part of parts) {
      if (!isSchemaObject(part.properties)) continue
      for (const [name, property] of Object.entries(part.properties)) properties.set(name, property as JsonSchema)
    }
    const required = new Set(parts.flatMap((part) => (Array.isArray(part.required) ? (part.required as string[]) : [])))
    const least = highest(parts, 'minProperties') ?? 0
    const object: Record<string, unknown> = {}
    for (const [name, property] of properties) {
      const isAbsent = [...partsOf(property, this.#references, false)].some((part) => part[this.#absent] === true)
      if (isAbsent || (!required.has(name) && Object.keys(object).length >= least)) continue
      const value = this.value(property, depth + 1)
      if (value === undefined && required.has(name)) return undefined
      if (value !== undefined) object[name] = value
    }
    const shape = new ValueShape(schema, this.#references)
    for (const name of required) if (!properties.has(name) && !shape.names.has(name)) object[name] = 'probe'
    return object
  }

  #array(parts: readonly SchemaObject[], depth: number): unknown {
    const count = Math.min(highest(parts, 'minItems') ?? (this.#stretch === 0 ? 1 : 0), 100)
    const prefix = parts.map(({ prefixItems }) => prefixItems).find(Array.isArray) as JsonSchema[] | undefined
    const items = parts.map((part) => part.items).find((one) => one !== undefined) as JsonSchema | undefined
    const values = Array.from({ length: count }, (_, i) => this.value(prefix?.[i] ?? items ?? true, depth + 1))
    return values.includes(undefined) ? undefined : values
  }

  #text(parts: readonly SchemaObject[]): unknown {
    const { pattern } = parts.find((part) => typeof part.pattern === 'string') ?? {}
    const { format } = parts.find((part) => typeof part.format === 'string') ?? {}
    const least = highest(parts, 'minLength') ?? 0
    if (least > 10_000) return undefined
    const known = typeof format === 'string' && Object.hasOwn(byFormat, format) ? byFormat[format] : undefined
    if (known !== undefined) return known
    if (typeof pattern === 'string') return samplePattern(parsePattern(pattern), this.#stretch)
    const most = lowest(parts, 'maxLength') ?? 5
    return 'probe'.slice(0, Math.max(most, 0)).padEnd(least, 'a')
  }
}

function sampleNumber(parts: readonly SchemaObject[]): number {
  const above = highest(parts, 'exclusiveMinimum')
  const below = lowest(parts, 'exclusiveMaximum')
  const least = highest(parts, 'minimum') ?? (above === undefined ? undefined : above + 1)
  const most = lowest(parts, 'maximum') ?? (below === undefined ? undefined : below - 1)
  const step = highest(parts, 'multipleOf')
  const start = least ?? Math.min(1, most ?? 1)
  return step === undefined ? start : Math.ceil(start / step) * step
}

function highest(parts: readonly SchemaObject[], keyword: string): number | undefined {
  const values = parts.map((part) => part[keyword]).filter((value) => typeof value === 'number')
  return values.length === 0 ? undefined : Math.max(...values)
}

function lowest(parts: readonly SchemaObject[], keyword: string): number | undefined {
  const values = parts.map((part) => part[keyword]).filter((value) => typeof value === 'number')
  return values.length === 0 ? undefined : Math.min(...values)
}
