import { didYouMean } from '../../core/suggest.ts'
import type { JsonSchema } from '../../openapi/operation.ts'
import { PatternError, parsePattern } from '../pattern/parse-pattern.ts'
import { closeObject } from './close-object.ts'
import { formats } from './formats.ts'
import { annotations, assertions, instead, ofNamedSchemas, ofSchema, ofSchemas } from './keywords.ts'
import { oneSided } from './parts.ts'
import { createReferences, isSchemaObject, type References, type SchemaObject, toToken } from './references.ts'
import { SchemaError } from './schema-error.ts'

/** Which way a message goes: `readOnly` has no place in requests, `writeOnly` none in responses. */
export type Direction = 'request' | 'response'

export interface SchemaOptions {
  readonly direction: Direction
  /** What becomes of properties that an object's schema does not list, where it says nothing of others itself. */
  readonly unknownProperties: 'refuse' | 'ignore'
  /** Whether all mistakes of a large value are told too. Only where no caller chooses what is judged. Default false. */
  readonly tellsAll?: boolean
}

const maxDepth = 200
const dialect = 'https://json-schema.org/draft/2020-12/schema'
const known = [...ofSchema, ...ofSchemas, ...ofNamedSchemas, ...assertions, ...annotations]
/** Under these, a schema is a question and not a description: closing what they say would turn the answer around. */
const questions = new Set(['not', 'if', 'contains', 'propertyNames'])
/** Under these stands what the value holds, not more of the same value. */
const inside = new Set([
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'unevaluatedItems',
  'properties',
  'patternProperties',
  'prefixItems',
])

/**
 * Makes the schema that is compiled: without words for people, with objects closed, with what only the other side may
 * set refused, and with a count of steps where references go in circles.
 * @throws SchemaError where a keyword is unknown, or would be passed over
 */
export function prepareSchema(schema: JsonSchema, options: SchemaOptions): JsonSchema {
  const root = isSchemaObject(schema) ? withoutDialect(schema) : schema
  const references = createReferences(root)
  return new Preparation(references, options).schema(
    root,
    '',
    { isRoot: true, isQuestion: false, dropped: new Set() },
    0,
  )
}

interface Place {
  /** Whether it describes a whole value, rather than a part of its description. */
  readonly isRoot: boolean
  readonly isQuestion: boolean
  /** Properties that cannot be required in this direction. */
  readonly dropped: ReadonlySet<string>
}

class Preparation {
  readonly #references: References
  readonly #options: SchemaOptions
  readonly #oneSided: 'readOnly' | 'writeOnly'

  constructor(references: References, options: SchemaOptions) {
    this.#references = references
    this.#options = options
    this.#oneSided = options.direction === 'request' ? 'readOnly' : 'writeOnly'
  }

  schema(schema: unknown, at: string, place: Place, depth: number): JsonSchema {
    if (typeof schema === 'boolean') return schema
    if (!isSchemaObject(schema)) throw new SchemaError(at, 'must be a schema: an object, `true` or `false`')
    if (depth > maxDepth) throw new SchemaError(at, `is nested deeper than ${maxDepth} levels`)
    if (schema[this.#oneSided] === true && !place.isQuestion) return { [this.#oneSided]: true }
    const dropped = new Set([...place.dropped, ...oneSided(schema, this.#references, this.#oneSided)])
    const prepared: Record<string, unknown> = {}
    for (const [keyword, value] of Object.entries(schema)) {
      const here = `${at}/${toToken(keyword)}`
      const below: Place = {
        isRoot: inside.has(keyword),
        isQuestion: place.isQuestion || questions.has(keyword),
        dropped: inside.has(keyword) || keyword === '$defs' || keyword === 'definitions' ? new Set() : dropped,
      }
      if (ofSchema.has(keyword)) prepared[keyword] = this.schema(value, here, below, depth + 1)
      else if (ofSchemas.has(keyword)) prepared[keyword] = this.#list(value, here, below, depth)
      else if (ofNamedSchemas.has(keyword)) prepared[keyword] = this.#named(value, here, below, depth)
      else if (assertions.has(keyword)) prepared[keyword] = this.#assertion(keyword, value, here, dropped)
      else if (!annotations.has(keyword) && !keyword.startsWith('x-')) throw unknownKeyword(keyword, here)
    }
    if (prepared.format !== undefined)
      prepared.format = fitFormat(String(prepared.format), prepared.type, `${at}/format`)
    if (prepared.$ref !== undefined || prepared.$dynamicRef !== undefined) prepared.step = true
    const closes = place.isRoot && !place.isQuestion && this.#options.unknownProperties === 'refuse'
    return closes ? closeObject(schema, prepared, this.#references, at) : prepared
  }

  #list(value: unknown, at: string, place: Place, depth: number): JsonSchema[] {
    if (!Array.isArray(value) || value.length === 0) throw new SchemaError(at, 'must be a list of schemas')
    return value.map((each, i) => this.schema(each, `${at}/${i}`, place, depth + 1))
  }

  #named(value: unknown, at: string, place: Place, depth: number): Record<string, JsonSchema> {
    if (!isSchemaObject(value)) throw new SchemaError(at, 'must be schemas by name')
    const arePatterns = at.endsWith('/patternProperties')
    const entries = Object.entries(value).map(([name, each]): [string, JsonSchema] => {
      if (arePatterns) checkPattern(name, at)
      if (name === '__proto__') throw new SchemaError(at, 'names `__proto__`, which no message may hold')
      return [name, this.schema(each, `${at}/${toToken(name)}`, place, depth + 1)]
    })
    return Object.fromEntries(entries)
  }

  #assertion(keyword: string, value: unknown, at: string, dropped: ReadonlySet<string>): unknown {
    if (keyword === 'required' && Array.isArray(value)) return value.filter((name) => !dropped.has(name as string))
    if (keyword === 'pattern') checkPattern(value, at)
    if (keyword === 'format') checkFormat(value, at)
    if (keyword !== '$ref' && keyword !== '$dynamicRef') return value
    if (typeof value === 'string' && this.#references.find(value) !== undefined) return value
    throw new SchemaError(at, `leads to ${JSON.stringify(value)}, where there is no schema`, instead.$id)
  }
}

function checkPattern(pattern: unknown, at: string): void {
  try {
    parsePattern(String(pattern))
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const hint = 'Write it as a regular expression that needs no lookaround and no reference to a group.'
    throw new SchemaError(at, `the pattern ${JSON.stringify(pattern)} cannot be used: ${error.message}`, hint)
  }
}

function checkFormat(format: unknown, at: string): void {
  const name = String(format)
  if (Object.hasOwn(formats, name)) return
  const hint = didYouMean(name, Object.keys(formats)) ?? `Known are ${Object.keys(formats).join(', ')}.`
  throw new SchemaError(at, `the format ${JSON.stringify(format)} is unknown, so that nothing would be asserted`, hint)
}

/** A format that is not for the type would be passed over. Those of numbers are also for texts. */
function fitFormat(name: string, type: unknown, at: string): string {
  const isOfNumbers = typeof formats[name] === 'object'
  const types = type === undefined ? ['string', 'number'] : [type].flat()
  if (isOfNumbers ? types.includes('number') || types.includes('integer') : types.includes('string')) return name
  if (isOfNumbers && types.includes('string')) return `text-${name}`
  throw new SchemaError(at, `the format ${JSON.stringify(name)} is not for values of the type ${types.join(', ')}`)
}

function unknownKeyword(keyword: string, at: string): SchemaError {
  const hint = Object.hasOwn(instead, keyword) ? (instead[keyword] as string) : didYouMean(keyword, known)
  return new SchemaError(at, `the keyword ${JSON.stringify(keyword)} is unknown to JSON Schema 2020-12`, hint)
}

/** The root may say which version it is written in, and by which name others know it. */
function withoutDialect({ $schema, $id: _, ...rest }: SchemaObject): SchemaObject {
  if ($schema === undefined || $schema === dialect || $schema === `${dialect}#`) return rest
  throw new SchemaError('/$schema', `is ${JSON.stringify($schema)}, which is another version`, `Write ${dialect}.`)
}
