import { RE2JS } from 're2js'
import { type CharSet, everyChar } from './char-set.ts'
import { isDeterministic } from './is-deterministic.ts'
import { PatternError, type PatternNode, parsePattern } from './parse-pattern.ts'

/** Says whether a text matches, in time that is linear in its length. */
export interface LinearPattern {
  test(text: string): boolean
}

type Engine = 'native' | 're2'

/**
 * Compiles a `pattern`. What is proven to be linear runs on the engine of the runtime, which is several times faster;
 * everything else on RE2, with the meaning that ECMAScript gives to `.`, `\s` and `$`.
 * @throws PatternError where it is no regular expression
 */
export function compilePattern(text: string): LinearPattern {
  const node = parsePattern(text)
  if (isDeterministic(node)) return new RegExp(write(node, 'native'), 'u')
  try {
    return RE2JS.compile(write(node, 're2'))
  } catch (error) {
    throw new PatternError(`RE2 does not take it: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const assertions = { start: '^', end: '$', boundary: '\\b', inside: '\\B' }

function write(node: PatternNode, engine: Engine): string {
  switch (node.kind) {
    case 'set':
      return writeSet(node.set, engine)
    case 'property':
      return engine === 'native' ? node.text : node.text.replace(/(?:Script|sc)=/, '')
    case 'sequence':
      return node.items.map((item) => write(item, engine)).join('')
    case 'choice':
      return `(?:${node.options.map((option) => write(option, engine)).join('|')})`
    case 'repeat':
      return `(?:${write(node.item, engine)})${writeBounds(node.min, node.max)}`
    default:
      return assertions[node.kind]
  }
}

function writeBounds(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  return min === max ? `{${min}}` : `{${min},${max}}`
}

function writeSet(set: CharSet, engine: Engine): string {
  if (set.length === 0) return `[^${writeRanges(everyChar, engine)}]`
  return `[${writeRanges(set, engine)}]`
}

function writeRanges(set: CharSet, engine: Engine): string {
  const char = (code: number) => `\\${engine === 'native' ? 'u' : 'x'}{${code.toString(16)}}`
  return set.map(([first, last]) => (first === last ? char(first) : `${char(first)}-${char(last)}`)).join('')
}
