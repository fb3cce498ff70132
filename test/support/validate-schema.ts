import type { JsonSchema } from '../../src/config/json-schema.ts'

/**
 * Validates a value against the part of JSON Schema that the policy file's schema uses; throws on a keyword that it
 * does not know, so that nothing is passed over. Returns what is wrong, each with its path.
 */
export function validateSchema(value: unknown, schema: JsonSchema, root = schema, path = '$'): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !(keyword in keywords) && !annotations.has(keyword))
  if (unknown.length > 0) throw new Error(`${path}: the keyword ${unknown[0]} is not known here`)
  return Object.entries(keywords).flatMap(([keyword, check]) =>
    schema[keyword as keyof JsonSchema] === undefined ? [] : check(value, schema, root, path),
  )
}

const annotations = new Set(['$schema', '$defs', 'title', 'description', 'default', 'format'])

type Check = (value: unknown, schema: JsonSchema, root: JsonSchema, path: string) => string[]

const fail = (holds: boolean, message: string) => (holds ? [] : [message])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const keywords: Readonly<Record<string, Check>> = {
  $ref: (value, { $ref = '' }, root, path) =>
    validateSchema(value, root.$defs?.[$ref.replace('#/$defs/', '')] ?? never($ref), root, path),
  anyOf: (value, { anyOf = [] }, root, path) => {
    const branches = anyOf.map((branch) => validateSchema(value, branch, root, path))
    return branches.some((found) => found.length === 0) ? [] : branches.flat()
  },
  type: (value, { type }, _root, path) => fail(typeOf(value, type) === type, `${path} is not ${type}`),
  const: (value, schema, _root, path) => fail(value === schema.const, `${path} is not ${schema.const}`),
  enum: (value, schema, _root, path) => fail(schema.enum?.includes(value) === true, `${path} is not one of those`),
  pattern: (value, { pattern = '' }, _root, path) =>
    fail(typeof value !== 'string' || new RegExp(pattern, 'u').test(value), `${path} does not match ${pattern}`),
  minLength: (value, schema, _root, path) => fail(sizeOf(value) >= numberOf(schema, 'minLength'), `${path} is short`),
  maxLength: (value, schema, _root, path) => fail(sizeOf(value) <= numberOf(schema, 'maxLength'), `${path} is long`),
  minimum: (value, { minimum = 0 }, _root, path) => fail(!(Number(value) < minimum), `${path} < ${minimum}`),
  maximum: (value, { maximum = 0 }, _root, path) => fail(!(Number(value) > maximum), `${path} > ${maximum}`),
  minItems: (value, { minItems = 0 }, _root, path) => fail(sizeOf(value) >= minItems, `${path} has too few`),
  maxItems: (value, schema, _root, path) => fail(sizeOf(value) <= numberOf(schema, 'maxItems'), `${path} has too many`),
  required: (value, { required = [] }, _root, path) =>
    required.flatMap((key) => fail(!isObject(value) || key in value, `${path}.${key} is missing`)),
  properties: (value, { properties = {} }, root, path) =>
    Object.entries(properties).flatMap(([key, child]) =>
      isObject(value) && key in value ? validateSchema(value[key], child, root, `${path}.${key}`) : [],
    ),
  additionalProperties: (value, { properties = {}, additionalProperties: rest }, root, path) =>
    Object.keys(isObject(value) ? value : {})
      .filter((key) => !(key in properties))
      .flatMap((key) =>
        typeof rest === 'object'
          ? validateSchema((value as Record<string, unknown>)[key], rest, root, `${path}.${key}`)
          : fail(rest === true, `${path}.${key} is unknown`),
      ),
  propertyNames: (value, { propertyNames = {} }, root, path) =>
    Object.keys(isObject(value) ? value : {}).flatMap((key) =>
      validateSchema(key, propertyNames, root, `${path}.${key}`),
    ),
  items: (value, { items = {} }, root, path) =>
    Array.isArray(value) ? value.flatMap((entry, i) => validateSchema(entry, items, root, `${path}[${i}]`)) : [],
}

function typeOf(value: unknown, wanted: string | undefined): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  return wanted === 'integer' && Number.isInteger(value) ? 'integer' : typeof value
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : Number.NaN
}

function numberOf(schema: object, keyword: string): number {
  return (schema as Record<string, number>)[keyword] ?? Number.NaN
}

function never(ref: string): never {
  throw new Error(`there is no ${ref}`)
}
