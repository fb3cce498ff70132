import type { StandardIssue } from '../../core/standard-schema.ts'
import type { Violation } from '../../input/violation.ts'
import { toToken } from '../schema/references.ts'

const unsaid = 'what the schema asks for'
/** The longest that an allowed range is told. */
const longest = 200
const code = /^[a-z][a-z0-9_]{0,40}$/

type Said = Readonly<Record<string, unknown>>

/** Words one issue of a library: where, which rule, and what would be allowed. Its message may repeat the value. */
export function toViolations(
  issue: StandardIssue,
  vendor: string,
  place: Violation['in'],
  prefix: string,
): Violation[] {
  const said = issue as unknown as Said
  const at = prefix + toPointer(issue.path)
  const rule = ruleOf(said, vendor)
  if (vendor === 'zod' && rule === 'unrecognized_keys' && Array.isArray(said.keys)) {
    return said.keys.map((name) => ({
      in: place,
      at: `${at}/${toToken(String(name))}`,
      rule,
      expected: 'no such property',
    }))
  }
  const expected =
    vendor === 'zod' ? describeZod(rule, said) : vendor === 'valibot' ? describeValibot(rule, said) : unsaid
  return [{ in: place, at, rule, expected: expected.length > longest ? `${expected.slice(0, longest)}…` : expected }]
}

function toPointer(path: StandardIssue['path']): string {
  return (path ?? []).map((one) => `/${toToken(String(typeof one === 'object' ? one.key : one))}`).join('')
}

/** The code of a library whose codes are known to be its own words, and not a caller's. */
function ruleOf(said: Said, vendor: string): string {
  const own = vendor === 'zod' ? said.code : vendor === 'valibot' ? said.type : undefined
  return typeof own === 'string' && code.test(own) ? own : 'schema'
}

const units: Readonly<Record<string, string>> = {
  string: ' characters',
  array: ' items',
  set: ' items',
  file: ' bytes',
}

function describeZod(rule: string, said: Said): string {
  const unit = units[String(said.origin)] ?? ''
  switch (rule) {
    case 'invalid_type':
      return String(said.expected)
    case 'too_small':
      return `${said.inclusive === false ? 'more than' : 'at least'} ${said.minimum}${unit}`
    case 'too_big':
      return `${said.inclusive === false ? 'less than' : 'at most'} ${said.maximum}${unit}`
    case 'invalid_format':
      return said.format === 'regex' ? `a text that matches ${said.pattern}` : `a value of the format ${said.format}`
    case 'not_multiple_of':
      return `a multiple of ${said.divisor}`
    case 'invalid_value':
      return Array.isArray(said.values) ? `one of ${said.values.map((one) => describeValue(one)).join(', ')}` : unsaid
    case 'invalid_union':
      return 'one of the alternatives'
    case 'invalid_key':
      return 'another name'
    default:
      return unsaid
  }
}

/** `expected` is written by the schema's own words; in an issue of a person's own check it may be anything. */
function describeValibot(rule: string, said: Said): string {
  if (said.received === 'undefined') return 'a value'
  if (said.expected === 'never') return 'no such property'
  if (/^(?:raw|check|partial|custom)/.test(rule) || typeof said.expected !== 'string') return unsaid
  return said.expected
}

function describeValue(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
