import { type PointerNode, stepDown } from './pointer-tree.ts'

/** Why a JSON text is not changed. */
export class JsonValuesError extends Error {}

/** A value that a pointer names. */
export interface JsonValue {
  /** As it is written in the text. */
  readonly raw: string
  /** Where it stands, names and places as the text has them: `['cards', '0', 'number']`. */
  readonly path: readonly string[]
}

const maxDepth = 100
const literal = /[^\s,\]}]+/y

/**
 * Replaces the values that pointers name and leaves everything else as it is written, byte by byte: numbers, the order
 * of names, spaces. `replace` returns JSON, null to leave the value, or undefined to leave the member or element out.
 * Linear in the length of the text.
 * @param tree pointers in one tree; a `*` in them stands for any one name or place
 * @throws `JsonValuesError` where the text is no JSON, has a name twice in one object, of which nobody knows who reads
 * which, or nests deeper than 100
 */
export function replaceJsonValues(
  text: string,
  tree: PointerNode,
  replace: (value: JsonValue) => string | null | undefined,
): string {
  try {
    JSON.parse(text)
  } catch {
    throw new JsonValuesError('it is no JSON')
  }
  return new Walk(text, replace).run(tree)
}

class Walk {
  readonly #text: string
  readonly #replace: (value: JsonValue) => string | null | undefined
  readonly #path: string[] = []
  /** What is finished, up to `#copied`. */
  #parts: string[] = []
  #copied = 0
  #at = 0

  constructor(text: string, replace: (value: JsonValue) => string | null | undefined) {
    this.#text = text
    this.#replace = replace
  }

  run(tree: PointerNode): string {
    this.#skipSpace()
    if (!this.#value([tree])) throw new JsonValuesError('the whole document cannot be left out')
    return this.#parts.join('') + this.#text.slice(this.#copied)
  }

  /** Walks over a value; false where it is to be left out. */
  #value(nodes: readonly PointerNode[]): boolean {
    const start = this.#at
    const isNamed = nodes.some(({ isHidden }) => isHidden)
    // What is replaced whole is not changed inside.
    const inner = isNamed ? [] : nodes
    const code = this.#text.charCodeAt(start)
    if (code === 0x7b || code === 0x5b) this.#container(inner, code === 0x7b)
    else if (code === 0x22) this.#string()
    else {
      literal.lastIndex = start
      literal.test(this.#text)
      this.#at = literal.lastIndex
    }
    if (!isNamed) return true
    const replaced = this.#replace({ raw: this.#text.slice(start, this.#at), path: [...this.#path] })
    if (replaced === undefined) return false
    if (replaced !== null) this.#splice(start, this.#at, replaced)
    return true
  }

  #container(nodes: readonly PointerNode[], isObject: boolean): void {
    if (this.#path.length >= maxDepth) throw new JsonValuesError(`it nests deeper than ${maxDepth}`)
    const names = isObject ? new Set<string>() : null
    const close = isObject ? 0x7d : 0x5d
    let kept = 0
    /** Where what stands behind the last kept entry begins. */
    let keptEnd = this.#at + 1
    this.#at++
    this.#skipSpace()
    for (let place = 0; this.#text.charCodeAt(this.#at) !== close; place++) {
      const start = this.#at
      const name = names === null ? String(place) : this.#name(names)
      this.#path.push(name)
      const keeps = this.#value(stepDown(nodes, name))
      this.#path.pop()
      const end = this.#at
      this.#skipSpace()
      const hasComma = this.#text.charCodeAt(this.#at) === 0x2c
      if (hasComma) this.#at++
      this.#skipSpace()
      if (keeps) {
        kept++
        keptEnd = end
      } else if (kept > 0) this.#splice(keptEnd, end, '')
      else this.#splice(start, hasComma ? this.#at : end, '')
      if (!keeps && kept > 0) keptEnd = end
    }
    this.#at++
  }

  #name(names: Set<string>): string {
    const start = this.#at
    this.#string()
    const name = JSON.parse(this.#text.slice(start, this.#at)) as string
    if (names.has(name)) throw new JsonValuesError('an object has one name twice')
    names.add(name)
    this.#skipSpace()
    this.#at++
    this.#skipSpace()
    return name
  }

  #string(): void {
    for (this.#at++; this.#text.charCodeAt(this.#at) !== 0x22; this.#at++) {
      if (this.#text.charCodeAt(this.#at) === 0x5c) this.#at++
    }
    this.#at++
  }

  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return
    }
  }

  #splice(start: number, end: number, text: string): void {
    this.#parts.push(this.#text.slice(this.#copied, start), text)
    this.#copied = end
  }
}
