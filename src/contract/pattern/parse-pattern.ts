import { type CharSet, digits, lineEnds, negate, spaces, unite, wordChars } from './char-set.ts'

/** A regular expression of ECMAScript, as far as it is regular. */
export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  /** Characters by a Unicode property, of which only the engines know which they are. */
  | { readonly kind: 'property'; readonly text: string }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'inside' }

export class PatternError extends Error {}

const maxLength = 4096
const maxDepth = 50
const classes: Readonly<Record<string, CharSet>> = {
  d: digits,
  D: negate(digits),
  w: wordChars,
  W: negate(wordChars),
  s: spaces,
  S: negate(spaces),
}
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }
/** General categories and scripts are named alike by both engines. */
const property = /^\\([pP])\{(?:(?:Script|sc)=([A-Z][A-Za-z_]{1,40})|([A-Z][a-z]?))\}/
const counted = /^\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/

/** Reads a `pattern` (ECMA-262 with the flag `u`). Lookaround and references to groups are no regular expression. */
export function parsePattern(text: string): PatternNode {
  if (text.length > maxLength) throw new PatternError(`it is longer than ${maxLength} characters`)
  const reader = new PatternReader(text)
  const node = reader.choice(0)
  if (!reader.isAtEnd) throw new PatternError('a group is closed that was not opened')
  return node
}

class PatternReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  choice(depth: number): PatternNode {
    if (depth > maxDepth) throw new PatternError('its groups are nested too deep')
    const options = [this.#sequence(depth)]
    while (this.#take('|')) options.push(this.#sequence(depth))
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options }
  }

  #sequence(depth: number): PatternNode {
    const items: PatternNode[] = []
    while (!this.isAtEnd && !this.#sees('|') && !this.#sees(')')) items.push(this.#repeated(this.#atom(depth)))
    return items.length === 1 ? (items[0] as PatternNode) : { kind: 'sequence', items }
  }

  #repeated(item: PatternNode): PatternNode {
    const bounds = this.#bounds()
    if (bounds === null) return item
    // Whether as much or as little as possible is taken does not change whether it matches.
    this.#take('?')
    const [min, max] = bounds
    if (max < min) throw new PatternError('a repetition has its numbers in the wrong order')
    if (item.kind === 'start' || item.kind === 'end' || item.kind === 'boundary' || item.kind === 'inside') {
      throw new PatternError('something without characters is repeated')
    }
    return { kind: 'repeat', item, min, max }
  }

  #bounds(): readonly [number, number] | null {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    const match = counted.exec(this.#rest(14))
    if (match === null) return null
    this.#at += match[0].length
    const min = Number(match[1])
    return [min, match[2] === undefined ? min : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3])]
  }

  #atom(depth: number): PatternNode {
    if (this.#take('^')) return { kind: 'start' }
    if (this.#take('$')) return { kind: 'end' }
    if (this.#take('.')) return { kind: 'set', set: negate(lineEnds) }
    if (this.#take('(')) return this.#group(depth)
    if (this.#take('[')) return this.#class()
    if (this.#take('\\b')) return { kind: 'boundary' }
    if (this.#take('\\B')) return { kind: 'inside' }
    if (this.#sees('*') || this.#sees('+') || this.#sees('?'))
      throw new PatternError('a repetition has nothing before it')
    return this.#property() ?? { kind: 'set', set: this.#char() }
  }

  #group(depth: number): PatternNode {
    if (!this.#take('?:')) {
      const name = /^\?<[A-Za-z_$][\w$]{0,50}>/.exec(this.#rest(60))
      if (name !== null) this.#at += name[0].length
      else if (this.#sees('?')) throw new PatternError('it looks ahead or behind, which takes more than linear time')
    }
    const inside = this.choice(depth + 1)
    if (!this.#take(')')) throw new PatternError('a group is not closed')
    return inside
  }

  #class(): PatternNode {
    const isNegated = this.#take('^')
    const sets: CharSet[] = []
    const properties: PatternNode[] = []
    while (!this.#take(']')) {
      if (this.isAtEnd) throw new PatternError('a class of characters is not closed')
      const named = this.#property()
      if (named === null) sets.push(this.#range())
      else properties.push(named)
    }
    const set = unite(...sets)
    if (properties.length === 0) return { kind: 'set', set: isNegated ? negate(set) : set }
    if (isNegated) throw new PatternError('a class that is negated holds a Unicode property: write `\\P{…}`')
    return { kind: 'choice', options: set.length === 0 ? properties : [{ kind: 'set', set }, ...properties] }
  }

  #range(): CharSet {
    const first = this.#char()
    if (!this.#sees('-') || this.#text[this.#at + 1] === ']' || this.isAtEnd) return first
    this.#at++
    const last = this.#char()
    const [from, to] = [singleOf(first), singleOf(last)]
    if (from === null || to === null) return unite(first, last, [[0x2d, 0x2d]])
    if (to < from) throw new PatternError('a class has a range in the wrong order')
    return [[from, to]]
  }

  #property(): PatternNode | null {
    if (!this.#sees('\\p') && !this.#sees('\\P')) return null
    const match = property.exec(this.#rest(64))
    if (match === null)
      throw new PatternError('a Unicode property is unknown: `\\p{L}` and `\\p{Script=Greek}` are known')
    this.#at += match[0].length
    return { kind: 'property', text: match[0] }
  }

  /** One character, or what an escape stands for. */
  #char(): CharSet {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) throw new PatternError('it ends too early')
    this.#at += code > 0xffff ? 2 : 1
    return code === 0x5c ? this.#escape() : [[code, code]]
  }

  #escape(): CharSet {
    const letter = this.#text[this.#at] ?? ''
    this.#at++
    const known = Object.hasOwn(classes, letter) ? classes[letter] : undefined
    if (known !== undefined) return known
    if (letter === '0' && /\d/.test(this.#text[this.#at] ?? '')) throw new PatternError('it has an octal escape')
    const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined
    if (control !== undefined) return [[control, control]]
    if (letter === 'b') return [[8, 8]]
    if (letter === 'x') return this.#hex(/^([0-9A-Fa-f]{2})/)
    if (letter === 'u') return this.#hex(/^(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/)
    if (letter === 'c') {
      const code = this.#text.charCodeAt(this.#at++) % 32
      return [[code, code]]
    }
    if (letter === 'k' || /[1-9]/.test(letter))
      throw new PatternError('it refers to a group, which takes more than linear time')
    if (letter === '' || /[A-Za-z]/.test(letter)) throw new PatternError(`the escape \\${letter} is unknown`)
    const code = letter.charCodeAt(0)
    return [[code, code]]
  }

  #hex(form: RegExp): CharSet {
    const match = form.exec(this.#rest(8))
    if (match === null) throw new PatternError('it has a broken escape')
    this.#at += match[0].length
    const code = Number.parseInt(match[1] ?? match[2] ?? '', 16)
    if (code > 0x10ffff) throw new PatternError('it has a broken escape')
    // Two escapes of UTF-16 are one character.
    const low = code >= 0xd800 && code < 0xdc00 ? /^\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})/.exec(this.#rest(6)) : null
    if (low === null) return [[code, code]]
    this.#at += low[0].length
    const whole = 0x10000 + (code - 0xd800) * 0x400 + (Number.parseInt(low[1] ?? '', 16) - 0xdc00)
    return [[whole, whole]]
  }

  #rest(length: number): string {
    return this.#text.slice(this.#at, this.#at + length)
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false
    this.#at += text.length
    return true
  }
}

function singleOf(set: CharSet): number | null {
  const [range] = set
  return set.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : null
}
