import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml'
import { forbiddenKey, maxValues, tooManyValues } from './config-source.ts'
import type { KeyPath, Part } from './key-path.ts'
import { findUnseen, unseenHint } from './unseen-characters.ts'

const maxDepth = 32
/** A few anchors are handy; a thousand are an attack (a "billion laughs" file). */
const maxAliases = 100

const notPossible = 'this is not a value that a policy file can hold'

/** Something that is valid YAML but not a policy file. */
export interface NodeFault {
  readonly offset: number
  readonly message: string
  readonly hint: string | null
  /** What was read without it can be judged all the same. */
  readonly minor: boolean
}

/** Where keys and values stand in the text. */
export interface Places {
  offsetOf(path: KeyPath, part: Part): number
}

interface Place {
  readonly key: number
  readonly value: number
}

/** Turns a parsed document into plain data and remembers where everything stood. */
export function readNodes(document: Document.Parsed): { value: unknown; places: Places; faults: NodeFault[] } {
  const places = new Map<string, Place>()
  const faults: NodeFault[] = []
  const anchors = new Map<string, ParsedNode>()
  let aliases = 0
  let isCopy = false
  let nodes = 0

  const complain = (offset: number, message: string, hint: string | null = null, minor = false): null => {
    faults.push({ offset, message, hint, minor })
    return null
  }

  function read(node: ParsedNode | null, path: KeyPath, keyOffset: number): unknown {
    const offset = node?.range?.[0] ?? keyOffset
    places.set(JSON.stringify(path), { key: keyOffset, value: offset })
    if (++nodes > maxValues) return nodes === maxValues + 1 ? complain(offset, tooManyValues) : null
    if (path.length > maxDepth) return complain(offset, `nested more than ${maxDepth} levels deep`)
    if (node === null) return null
    if (isAlias(node)) return readAlias(node, path, keyOffset)
    if (node.anchor !== undefined && !isCopy) anchors.set(node.anchor, node)
    if (node.tag !== undefined) return complain(offset, 'a tag (`!name`) stands here', 'Policy files use none.')
    if (isMap<ParsedNode, ParsedNode | null>(node)) return readMap(node.items, path)
    if (isSeq<ParsedNode>(node)) {
      return node.items.map((item, i) => read(item, [...path, i], item?.range?.[0] ?? offset))
    }
    return isScalar(node) ? readScalar(node.value, offset) : complain(offset, notPossible)
  }

  function readScalar(value: unknown, offset: number): unknown {
    if (typeof value === 'string') {
      const unseen = findUnseen(value)
      return unseen === null ? value : complain(offset, unseen.message, unseenHint)
    }
    const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean'
    return isPlain ? value : complain(offset, notPossible)
  }

  function readAlias(node: ParsedNode & { source: string }, path: KeyPath, keyOffset: number): unknown {
    const offset = node.range[0]
    if (++aliases > maxAliases) {
      return aliases === maxAliases + 1
        ? complain(offset, `more than ${maxAliases} aliases`, 'Put what routes share under `defaults`.')
        : null
    }
    const target = anchors.get(node.source)
    if (target === undefined) return complain(offset, `the alias *${node.source} has no anchor before it`)
    const outer = isCopy
    isCopy = true
    const value = read(target, path, keyOffset)
    isCopy = outer
    return value
  }

  function readMap(items: readonly { key: ParsedNode; value: ParsedNode | null }[], path: KeyPath): unknown {
    const result: Record<string, unknown> = {}
    for (const { key, value } of items) {
      const offset = key.range[0]
      if (!isScalar(key)) {
        complain(offset, 'a key must be a plain text')
        continue
      }
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '')
      const unseen = findUnseen(name)
      if (unseen !== null) {
        complain(offset, unseen.message, unseenHint)
      } else if (name === '<<') {
        complain(offset, 'merge keys (`<<`) are not supported', 'Put what routes share under `defaults`.')
      } else if (name === forbiddenKey) {
        complain(offset, `the key "${forbiddenKey}" is not allowed`)
      } else if (Object.hasOwn(result, name)) {
        complain(offset, `the key "${name}" stands here a second time`, 'Keep one of them.', true)
      } else {
        result[name] = read(value, [...path, name], offset)
      }
    }
    return result
  }

  const value = read(document.contents, [], 0)
  return { value, faults, places: { offsetOf: (path, part) => lookUp(places, path, part) } }
}

/** What is missing has no place of its own: its nearest parent's key stands for it. */
function lookUp(places: ReadonlyMap<string, Place>, path: KeyPath, part: Part): number {
  const exact = places.get(JSON.stringify(path))
  if (exact !== undefined) return exact[part]
  for (let length = path.length - 1; length >= 0; length--) {
    const parent = places.get(JSON.stringify(path.slice(0, length)))
    if (parent !== undefined) return length === 0 ? parent.value : parent.key
  }
  return 0
}
