import { type CharSet, doMeet, everyChar, unite } from './char-set.ts'
import type { PatternNode } from './parse-pattern.ts'

/**
 * Whether an engine that goes back never has more than one way to go on: then each character is looked at a bounded
 * number of times, and the time is linear. It must begin at the start of the text, or every place in it would be tried.
 * `false` says nothing of the pattern.
 */
export function isDeterministic(node: PatternNode): boolean {
  return beginsAtStart(node) && isClear(node, [])
}

function beginsAtStart(node: PatternNode): boolean {
  if (node.kind === 'sequence') return node.items[0] !== undefined && beginsAtStart(node.items[0])
  return node.kind === 'start' || (node.kind === 'choice' && node.options.every(beginsAtStart))
}

/** @param after the characters that may come behind the node */
function isClear(node: PatternNode, after: CharSet): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.every((item, i) => isClear(item, follow(node.items, i + 1, after)))
    case 'choice': {
      const firsts = node.options.map((option) => unite(firstOf(option), isEmptyable(option) ? after : []))
      const areApart = firsts.every((one, i) => firsts.slice(i + 1).every((other) => !doMeet(one, other)))
      const empty = node.options.filter(isEmptyable).length
      return areApart && empty <= 1 && node.options.every((option) => isClear(option, after))
    }
    case 'repeat': {
      const { item, min, max } = node
      if (max > 1 && isEmptyable(item)) return false
      const first = firstOf(item)
      return (min === max || !doMeet(first, after)) && isClear(item, max > 1 ? unite(first, after) : after)
    }
    default:
      return true
  }
}

function follow(items: readonly PatternNode[], from: number, after: CharSet): CharSet {
  const sets: CharSet[] = []
  for (const item of items.slice(from)) {
    // Behind the end of the text there is nothing.
    if (item.kind === 'end') return unite(...sets)
    sets.push(firstOf(item))
    if (!isEmptyable(item)) return unite(...sets)
  }
  return unite(...sets, after)
}

function firstOf(node: PatternNode): CharSet {
  switch (node.kind) {
    case 'set':
      return node.set
    case 'property':
      return everyChar
    case 'sequence':
      return follow(node.items, 0, [])
    case 'choice':
      return unite(...node.options.map(firstOf))
    case 'repeat':
      return firstOf(node.item)
    default:
      return []
  }
}

function isEmptyable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'property':
      return false
    case 'sequence':
      return node.items.every(isEmptyable)
    case 'choice':
      return node.options.some(isEmptyable)
    case 'repeat':
      return node.min === 0 || isEmptyable(node.item)
    default:
      return true
  }
}
