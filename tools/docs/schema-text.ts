import type { JsonSchema } from '../../src/config/json-schema.ts'
import { durationPattern, ratePattern, sizePattern } from '../../src/core/option-types.ts'

const named = new Map([
  [durationPattern, 'duration'],
  [sizePattern, 'size'],
  [ratePattern, 'rate'],
  ['^file:.+', '`file:` path'],
  ['^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$', '`env:` or `file:` reference'],
])

/** What may be written, in a few words: `true` or `false`, `a` or `b`, list of texts. */
export function describeType(schema: JsonSchema, root: JsonSchema): string {
  const shown = follow(schema, root)
  if (shown.const !== undefined) return toCode(shown.const)
  if (shown.enum !== undefined) return shown.enum.map(toCode).join(' or ')
  if (shown.anyOf !== undefined) {
    return [...new Set(shown.anyOf.map((one) => describeType(one, root)))].join(' or ')
  }
  switch (shown.type) {
    case 'string':
      return named.get(shown.pattern ?? '') ?? 'text'
    case 'integer':
      return describeRange('whole number', shown)
    case 'number':
      return describeRange('number', shown)
    case 'boolean':
      return '`true` or `false`'
    case 'array':
      return `list of ${shown.items === undefined ? 'values' : describeType(shown.items, root)}`
    default:
      return 'object'
  }
}

function describeRange(what: string, { minimum, maximum }: JsonSchema): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : null
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : null
  if (from !== null && to !== null) return `${what}, ${from} to ${to}`
  return from === null ? what : `${what}, ${from} or more`
}

/** The default as it would be written; `required` where there is none and one is needed. */
export function describeDefault(schema: JsonSchema, required: boolean): string {
  if (required) return 'required'
  const isEmpty = schema.default === undefined || JSON.stringify(schema.default) === '{}'
  return isEmpty ? '' : toCode(schema.default)
}

export function follow(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema
  const found = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
  if (found === undefined) throw new Error(`the schema holds no ${schema.$ref}`)
  return found
}

function toCode(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
