import type { CharSet } from '../pattern/char-set.ts'
import type { PatternNode } from '../pattern/parse-pattern.ts'

const nice = [0x61, 0x41, 0x31, 0x2d]

/**
 * A text that the pattern matches, most likely: who needs to be sure tests it.
 * @param stretch how often repetitions are written at least, where they may be
 */
export function samplePattern(node: PatternNode, stretch: number): string {
  switch (node.kind) {
    case 'set':
      return String.fromCodePoint(choose(node.set))
    case 'property':
      return 'a'
    case 'sequence':
      return node.items.map((item) => samplePattern(item, stretch)).join('')
    case 'choice':
      return samplePattern(node.options[0] as PatternNode, stretch)
    case 'repeat': {
      const times = Math.min(Math.max(node.min, stretch), node.max, 1000)
      return samplePattern(node.item, stretch).repeat(times)
    }
    default:
      return ''
  }
}

function choose(set: CharSet): number {
  const found = nice.find((code) => set.some(([first, last]) => first <= code && code <= last))
  return found ?? set.find(([, last]) => last >= 0x20)?.[0] ?? set[0]?.[0] ?? 0x61
}
