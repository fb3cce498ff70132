import { createPointerTree, type PointerNode, parsePointer } from '../../core/pointer-tree.ts'
import type { Way } from './ways.ts'

/** A field that is hidden wherever it stands. */
export interface Field {
  /** Its pointer, as it is written in the policy file. */
  readonly name: string
  readonly way: Way
}

/** Where the fields of a document stand. */
export interface FieldTree {
  readonly root: PointerNode
  /** The first of the fields that one of these nodes ends; null where none does. */
  find(nodes: readonly PointerNode[], isShown: (name: string) => boolean): Field | null
}

export function createFieldTree(fields: Readonly<Record<string, Way>>): FieldTree {
  const pointers = Object.entries(fields).map(([name, way]) => ({ name, way, tokens: parsePointer(name) as string[] }))
  const root = createPointerTree(pointers.map(({ tokens }) => tokens))
  const ends = new Map<PointerNode, Field>()
  for (const { name, way, tokens } of pointers) ends.set(walk(root, tokens), { name, way })
  return {
    root,
    find(nodes, isShown) {
      for (const node of nodes) {
        const field = node.isHidden ? ends.get(node) : undefined
        if (field !== undefined && !isShown(field.name)) return field
      }
      return null
    },
  }
}

function walk(root: PointerNode, tokens: readonly string[]): PointerNode {
  return tokens.reduce((node, token) => node.children.get(token) as PointerNode, root)
}
