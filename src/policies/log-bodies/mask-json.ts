import { type PointerNode, stepDown } from '../../core/pointer-tree.ts'
import { hidden } from './hidden.ts'
import { endOfToken, readString, skipSpace } from './json-token.ts'
import type { Mask, Masked } from './mask.ts'
import { maskLeaf } from './mask-leaf.ts'

/** A number that is shorter looks like no secret: national ids have so many digits, card numbers more. */
const minDigits = 9

type Expected = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'nothing'

interface Frame {
  readonly isArray: boolean
  /** Where the pointers stand at this object or array. */
  readonly nodes: readonly PointerNode[]
  place: number
}

/**
 * Hides values in a JSON text by name, by pointer and by look, and leaves everything else as it was written: repeated
 * members, large numbers, `__proto__`. The text may be cut off anywhere: what is given back ends with the last token
 * that is there whole, so no half of a secret is left that would no longer look like one. Linear, without recursion.
 */
export function maskJson(text: string, ended: boolean, mask: Mask): Masked {
  return new JsonMasker(text, ended, mask).run()
}

class JsonMasker {
  readonly #text: string
  readonly #ended: boolean
  readonly #mask: Mask
  readonly #frames: Frame[] = []
  #expected: Expected = 'value'
  #name = ''
  /** The number of frames around a value that is being left out; -1 while none is. */
  #hiddenBelow = -1
  #clean = ''
  /** What lies between here and the place reached is copied as it is. */
  #copied = 0

  constructor(text: string, ended: boolean, mask: Mask) {
    this.#text = text
    this.#ended = ended
    this.#mask = mask
  }

  run(): Masked {
    const text = this.#text
    let reached = 0
    for (;;) {
      const at = skipSpace(text, reached)
      if (at === text.length) return this.#finish(reached, this.#ended && this.#expected === 'nothing', this.#ended)
      const end = endOfToken(text, at, this.#ended)
      if (end === -1) return this.#finish(reached, false, this.#ended || !mayGoOn(text, at))
      if (!this.#take(at, end)) return this.#finish(reached, false, true)
      reached = end
    }
  }

  #finish(reached: number, isWhole: boolean, isBroken: boolean): Masked {
    const rest = this.#hiddenBelow === -1 ? this.#text.slice(this.#copied, isWhole ? undefined : reached) : ''
    return { text: this.#clean + rest, covers: isWhole ? 'all' : isBroken ? 'broken' : 'start' }
  }

  /** False where this token may not stand here. */
  #take(at: number, end: number): boolean {
    const first = this.#text[at]
    switch (this.#expected) {
      case 'nothing':
        return false
      case 'colon':
        this.#expected = 'value'
        return first === ':'
      case 'comma-or-end':
        return first === ',' ? this.#takeComma() : this.#takeEnd(first, end)
      case 'name-or-end':
        return first === '}' ? this.#takeEnd(first, end) : first === '"' && this.#takeName(at, end)
      case 'name':
        return first === '"' && this.#takeName(at, end)
      case 'value-or-end':
        return first === ']' ? this.#takeEnd(first, end) : this.#takeValue(first, at, end)
      case 'value':
        return this.#takeValue(first, at, end)
    }
  }

  #takeComma(): boolean {
    const frame = this.#frames.at(-1) as Frame
    frame.place++
    this.#expected = frame.isArray ? 'value' : 'name'
    return true
  }

  #takeEnd(first: string | undefined, end: number): boolean {
    const frame = this.#frames.pop()
    if (first !== (frame?.isArray ? ']' : '}')) return false
    this.#endValue(end)
    return true
  }

  #takeName(at: number, end: number): boolean {
    const name = readString(this.#text.slice(at, end))
    if (name === null) return false
    this.#name = name
    this.#expected = 'colon'
    if (this.#hiddenBelow === -1) this.#replaceIfChanged(at, end, name)
    return true
  }

  #takeValue(first: string | undefined, at: number, end: number): boolean {
    if (first === undefined || '}]:,'.includes(first)) return false
    const isContainer = first === '{' || first === '['
    const token = this.#text.slice(at, end)
    const value = first === '"' ? readString(token) : token
    if (value === null) return false
    const nodes = this.#nodesHere()
    if (this.#hiddenBelow === -1) {
      if (first !== 'n' && this.#isHidden(nodes)) {
        this.#replace(at, end, hidden)
        if (isContainer) this.#hiddenBelow = this.#frames.length
      } else if (first === '"' || token.length >= minDigits) this.#replaceIfChanged(at, end, value)
    }
    if (isContainer) {
      this.#frames.push({ isArray: first === '[', nodes, place: 0 })
      this.#expected = first === '[' ? 'value-or-end' : 'name-or-end'
    } else this.#endValue(end)
    return true
  }

  #endValue(end: number): void {
    this.#expected = this.#frames.length === 0 ? 'nothing' : 'comma-or-end'
    if (this.#hiddenBelow !== this.#frames.length) return
    this.#hiddenBelow = -1
    this.#copied = end
  }

  #nodesHere(): readonly PointerNode[] {
    const frame = this.#frames.at(-1)
    if (frame === undefined) return [this.#mask.pointers]
    return stepDown(frame.nodes, frame.isArray ? String(frame.place) : this.#name)
  }

  #isHidden(nodes: readonly PointerNode[]): boolean {
    const frame = this.#frames.at(-1)
    return (frame?.isArray === false && this.#mask.hides(this.#name)) || nodes.some((node) => node.isHidden)
  }

  #replaceIfChanged(at: number, end: number, value: string): void {
    const clean = maskLeaf(value, this.#mask)
    if (clean !== value) this.#replace(at, end, clean)
  }

  #replace(at: number, end: number, value: string): void {
    this.#clean += this.#text.slice(this.#copied, at) + JSON.stringify(value)
    this.#copied = end
  }
}

/** Whether a token without an end may only have been cut off: a string without control characters, a literal. */
function mayGoOn(text: string, at: number): boolean {
  const rest = text.slice(at)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they may not stand in a string
  return rest.startsWith('"') ? !/[\0-\x1f]/.test(rest) : /^[-\w.+]*$/.test(rest)
}
