import { looseJsonLimits } from '../../core/json-limits.ts'
import { JsonScanner } from '../../core/json-scanner.ts'

/** A string or a member's name of JSON that stands in a text. */
export interface Held {
  readonly text: string
  readonly isName: boolean
}

/** JSON in a string of JSON in a string: what goes deeper nobody parses. */
const maxNesting = 3
const scanner = new JsonScanner(looseJsonLimits)
const none: readonly Held[] = Object.freeze([])

export function mayHoldJson(text: string): boolean {
  const first = /\S/.exec(text.length > 64 ? text.slice(0, 64) : text)?.[0]
  return first === '{' || first === '['
}

/**
 * The strings and names in a text that is JSON as a whole, as a lenient program parses it: a value that is harmless within
 * the text, such as `1 or 1=1`, may not be so by itself. Without recursion, because nobody has limited its depth.
 */
export function readHeldJson(text: string): readonly Held[] {
  if (!mayHoldJson(text)) return none
  const held: Held[] = []
  const waiting: { readonly value: unknown; readonly nesting: number }[] = [{ value: text, nesting: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, nesting } = next
    if (typeof value === 'string') {
      if (nesting > 0) held.push({ text: value, isName: false })
      const inner = nesting < maxNesting && mayHoldJson(value) ? parse(value) : undefined
      if (inner !== undefined) waiting.push({ value: inner, nesting: nesting + 1 })
    } else if (Array.isArray(value)) for (const one of value) waiting.push({ value: one, nesting })
    else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        held.push({ text: name, isName: true })
        waiting.push({ value: one, nesting })
      }
    }
  }
  return held
}

/** What is no JSON is told without an exception, which costs more than the text; the rest is read as leniently as can be. */
function parse(text: string): unknown {
  if (scanner.scanText(Buffer.from(text))?.rule === 'syntax') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
