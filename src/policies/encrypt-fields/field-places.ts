import { createPointerTree, type PointerNode, parsePointer } from '../../core/pointer-tree.ts'

interface FieldLike {
  readonly at: readonly string[]
  readonly blindIndex?: string | undefined
  readonly hide: 'mask' | 'last4' | 'remove'
}

/** What stands at a place: a field, or the blind index of one. */
export interface FieldPlace {
  readonly name: string
  readonly field: FieldLike
  readonly isIndex: boolean
  readonly tokens: readonly string[]
}

export interface FieldPlaces {
  readonly tree: PointerNode
  /** What stands at a path that the tree names. */
  find(path: readonly string[]): FieldPlace
}

type Fields = Readonly<Record<string, FieldLike>>

export function createFieldPlaces(fields: Fields): FieldPlaces {
  const places = toPlaces(fields)
  return {
    tree: createPointerTree(places.map(({ tokens }) => tokens)),
    find: (path) => {
      const found = places.find(({ tokens }) => tokens.length === path.length && covers(tokens, path))
      if (found === undefined) throw new Error('no field stands there')
      return found
    },
  }
}

/** In words, where one value would belong to two fields; null where none does. */
export function findOverlap(fields: Fields): string | null {
  const places = toPlaces(fields)
  for (const [at, one] of places.entries()) {
    const other = places.slice(at + 1).find(({ tokens }) => covers(tokens, one.tokens))
    if (other !== undefined) {
      return `/${one.tokens.join('/')} and /${other.tokens.join('/')} may be the same value, or one inside the other`
    }
  }
  return null
}

function toPlaces(fields: Fields): FieldPlace[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.at.flatMap((pointer) => {
      const tokens = parsePointer(pointer) as string[]
      const own = { name, field, isIndex: false, tokens }
      if (field.blindIndex === undefined) return [own]
      return [own, { name, field, isIndex: true, tokens: [...tokens.slice(0, -1), field.blindIndex] }]
    }),
  )
}

/** Whether two ways are the same as far as both go. */
function covers(one: readonly string[], other: readonly string[]): boolean {
  return one.every((token, at) => {
    const another = other[at]
    return another === undefined || token === another || token === '*' || another === '*'
  })
}
