import type { ErrorObject } from 'ajv'
import type { Violation } from '../../input/violation.ts'
import { toToken } from './references.ts'

/** The longest that an allowed range is told. */
const longest = 200

/** Words one error of ajv: where, which rule, and what would be allowed. */
export function toViolation(error: ErrorObject, place: Violation['in'], prefix: string): Violation {
  const { keyword, params, instancePath } = error
  const at = prefix + instancePath
  const rule = keyword === 'false schema' ? 'false' : keyword
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return { in: place, at: `${at}/${toToken(String(params.missingProperty))}`, rule, expected: 'a value' }
    case 'additionalProperties':
      return {
        in: place,
        at: `${at}/${toToken(String(params.additionalProperty))}`,
        rule,
        expected: 'no such property',
      }
    case 'unevaluatedProperties':
      return {
        in: place,
        at: `${at}/${toToken(String(params.unevaluatedProperty))}`,
        rule,
        expected: 'no such property',
      }
    case 'propertyNames':
      return { in: place, at: `${at}/${toToken(String(params.propertyName))}`, rule, expected: 'another name' }
    default:
      return { in: place, at, rule, expected: cut(describe(error)) }
  }
}

const comparisons: Readonly<Record<string, string>> = {
  '<=': 'at most',
  '>=': 'at least',
  '<': 'less than',
  '>': 'more than',
}

function describe({ keyword, params, schema, schemaPath }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return [params.type].flat().join(' or ')
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `${comparisons[String(params.comparison)]} ${params.limit}`
    case 'multipleOf':
      return `a multiple of ${schema}`
    case 'minLength':
      return `at least ${params.limit} characters`
    case 'maxLength':
      return `at most ${params.limit} characters`
    case 'minItems':
      return `at least ${params.limit} items`
    case 'maxItems':
    case 'unevaluatedItems':
    case 'items':
      return `at most ${params.limit ?? params.len} items`
    case 'minProperties':
      return `at least ${params.limit} properties`
    case 'maxProperties':
      return `at most ${params.limit} properties`
    case 'uniqueItems':
      return 'no item twice'
    case 'pattern':
      return `a text that matches ${params.pattern}`
    case 'format':
      return `a value of the format ${String(params.format).replace('text-', '')}`
    case 'enum':
      return `one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`
    case 'const':
      return JSON.stringify(params.allowedValue)
    case 'contains':
      return `items that are asked for, ${params.minContains}${params.maxContains === undefined ? ' or more' : ` to ${params.maxContains}`}`
    case 'contentEncoding':
    case 'contentMediaType':
      return `a text that is ${schema}`
    case 'oneOf':
      return 'exactly one of the alternatives'
    case 'anyOf':
      return 'one of the alternatives'
    case 'not':
      return 'something else'
    case 'readOnly':
      return 'nothing: the server sets it'
    case 'writeOnly':
      return 'nothing: it is never shown'
    case 'false schema':
      return 'nothing'
    default:
      return `what ${schemaPath.split('/').at(-1) ?? keyword} asks for`
  }
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
