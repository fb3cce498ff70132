import type { z } from 'zod'

/**
 * Says what is wrong in the words of this program. A schema's own message goes before these. What was written is not
 * repeated: it may be a secret in the wrong place.
 */
export const wordIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing: ${article(issue.expected)} is needed`
        : `must be ${article(issue.expected)}, not ${describe(issue.input)}`
    case 'invalid_value':
      return issue.input === undefined ? `is missing: ${oneOf(issue.values)}` : `must be ${oneOf(issue.values)}`
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum, issue.inclusive)}`
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum, issue.inclusive)}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return issue.format === 'regex' ? `must match ${issue.pattern}` : `must be a valid ${issue.format}`
    case 'unrecognized_keys':
      return 'unknown key'
    case 'invalid_union':
      return 'does not have one of the possible forms'
    case 'invalid_key':
      return 'is not a possible name'
    default:
      return undefined
  }
}

const articles: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object (keys and values)',
  record: 'an object (names and values)',
  array: 'a list',
  null: 'empty',
}

export function article(type: string): string {
  return articles[type] ?? type
}

/** What kind of thing was written, without repeating it. */
export function describe(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return /^-?\d+(\.\d+)?$/.test(value) ? 'a text (remove the quotes)' : 'a text'
    case 'number':
      if (!Number.isFinite(value)) return Number.isNaN(value) ? 'no number at all' : 'an infinite number'
      return Number.isInteger(value) ? 'a whole number' : 'a fraction'
    case 'boolean':
      return String(value)
    default:
      return 'an object'
  }
}

export function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)))
  return texts.length < 2 ? (texts[0] ?? 'nothing') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

function bound(origin: string, side: string, value: number | bigint, inclusive: boolean | undefined): string {
  switch (origin) {
    case 'string':
      return value === 1 ? 'not be empty' : `have ${side} ${value} characters`
    case 'array':
    case 'set':
      return value === 1 && side === 'at least' ? 'have an entry' : `have ${side} ${value} entries`
    default:
      return inclusive === false ? `be ${side === 'at least' ? 'more' : 'less'} than ${value}` : `be ${side} ${value}`
  }
}
