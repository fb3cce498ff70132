import { connector, hashStep, longestWord, meaningOf } from './words.ts'

/*
 * Text as the languages behind quotes read it: words, numbers, quotes, operators. It is read in windows of a fixed
 * size, so that a megabyte costs a thousand times what a kilobyte costs, and no more memory.
 */

/** What stands beyond the text's end. */
export const end = 0
export const word = 1
export const number = 2
export const quote = 3
/** `= < > <= >= <> != <=> == ===` */
export const compare = 4
/** `|| && | & + - * / ^ % ,` */
export const operator = 5
export const open = 6
export const close = 7
export const semicolon = 8
/** Ends what follows: `--`, `#`, and `/*` without its end. */
export const comment = 9
export const other = 10

/** Of a `compare`: `==` and `===`, which SQL does not have. */
export const doubled = 0x8000

const windowSize = 1024
/** The most tokens that a rule looks ahead. */
export const lookAhead = 40
const capacity = windowSize + lookAhead + 2

/** The tokens of one window. Rules start from those below `reach` and may look `lookAhead` further. */
export class Tokens {
  text = ''
  /** Whether the window begins where the text does. */
  isFirst = true
  reach = 0
  readonly kinds = new Uint8Array(capacity)
  readonly meanings = new Uint16Array(capacity)
  readonly starts = new Int32Array(capacity)
  readonly ends = new Int32Array(capacity)
  /** 1 for a quote that is the first of its kind: it may end the literal in which the text will stand. */
  readonly breaks = new Uint8Array(capacity)
  #count = 0
  /** Beyond this nothing was written. */
  #used = 0
  #at = 0
  #seenQuotes = 0
  #hasUnclosed = false
  #isDone = false

  /** Begins a text, which is in lower case. */
  begin(text: string): void {
    this.text = text
    this.#at = 0
    this.#seenQuotes = 0
    this.#hasUnclosed = false
    this.#isDone = false
  }

  /** Reads the next window. False where there is none. */
  advance(): boolean {
    if (this.#isDone) return false
    const { text } = this
    this.isFirst = this.#at === 0
    this.#count = 0
    while (this.#count < windowSize && this.#at < text.length) this.#read(text.charCodeAt(this.#at))
    const count = this.#count
    // What an earlier text left there.
    const used = Math.min(this.#used, count + lookAhead + 2)
    for (let i = count; i < used; i++) this.kinds[i] = this.meanings[i] = this.breaks[i] = 0
    this.#used = Math.max(count, this.#used > count + lookAhead + 2 ? this.#used : 0)
    this.#isDone = this.#at >= text.length
    this.reach = this.#isDone ? count : count - lookAhead
    if (!this.#isDone) this.#rewind(count)
    return true
  }

  /** What rules only looked at is read again by the next window. */
  #rewind(count: number): void {
    for (let i = this.reach; i < count; i++) {
      if (this.breaks[i] === 1) this.#seenQuotes &= ~quoteBit(this.text.charCodeAt(this.starts[i] as number))
    }
    this.#at = this.starts[this.reach] as number
  }

  #push(kind: number, length: number, meaning = 0): void {
    const i = this.#count++
    this.kinds[i] = kind
    this.meanings[i] = meaning
    this.starts[i] = this.#at
    this.#at += length
    this.ends[i] = this.#at
    this.breaks[i] = 0
  }

  #read(code: number): void {
    if (isBlank(code)) this.#at++
    else if (isWordStart(code)) this.#readWord()
    else if (code >= 0x30 && code <= 0x39) this.#readNumber()
    else this.#readSign(code, this.text.charCodeAt(this.#at + 1))
  }

  #readWord(): void {
    const { text } = this
    const start = this.#at
    let hash = 0
    let i = start
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0x27 ? !isContraction(text, i) : !isWordPart(code)) break
      hash = hashStep(hash, code)
    }
    this.#push(word, i - start, i - start <= longestWord ? meaningOf(text, start, i, hash) : 0)
  }

  #readNumber(): void {
    const { text } = this
    let i = this.#at + 1
    const isHex = text.charCodeAt(i) === 0x78 && text.charCodeAt(this.#at) === 0x30
    if (isHex) i++
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      const isDigit = code >= 0x30 && code <= 0x39
      if (!isDigit && !(isHex && code >= 0x61 && code <= 0x66) && !(code === 0x2e && isDigitAt(text, i + 1))) break
    }
    this.#push(number, endOfExponent(text, i, isHex) - this.#at)
  }

  #readSign(code: number, after: number) {
    switch (code) {
      case 0x27:
      case 0x22:
      case 0x60:
        return this.#readQuote(code)
      case 0x28:
        return this.#push(open, 1)
      case 0x29:
        return this.#push(close, 1)
      case 0x3b:
        return this.#push(semicolon, 1)
      case 0x3c:
      case 0x3d:
      case 0x3e:
      case 0x21:
        return this.#readCompare(code, after)
      case 0x7c:
      case 0x26:
        return after === code ? this.#push(operator, 2, connector) : this.#push(operator, 1)
      case 0x2d:
        return after === 0x2d ? this.#push(comment, 2) : this.#push(operator, 1)
      case 0x23:
        return this.#push(comment, 1)
      case 0x2f:
        return after === 0x2a ? this.#readBlockComment() : this.#push(operator, 1)
      case 0x2a:
        if (after !== 0x2f) return this.#push(operator, 1)
        this.#at += 2
        return
      case 0x2b:
      case 0x25:
      case 0x5e:
      case 0x2c:
      case 0x7e:
        return this.#push(operator, 1)
      default:
        return this.#push(other, 1)
    }
  }

  #readQuote(code: number): void {
    const bit = quoteBit(code)
    // Behind a backslash it may be escaped, or not; the next one may then be the one that counts.
    const isEscaped = this.#at > 0 && this.text.charCodeAt(this.#at - 1) === 0x5c
    const isBreak = (this.#seenQuotes & bit) === 0
    if (!isEscaped) this.#seenQuotes |= bit
    this.#push(quote, 1)
    if (isBreak) this.breaks[this.#count - 1] = 1
  }

  #readCompare(code: number, after: number) {
    const third = this.text.charCodeAt(this.#at + 2)
    if (code === 0x21) return after === 0x3d ? this.#push(compare, third === 0x3d ? 3 : 2) : this.#push(operator, 1)
    if (code === 0x3d && after === 0x3d) return this.#push(compare, third === 0x3d ? 3 : 2, doubled)
    // An arrow compares nothing.
    if (code === 0x3d && after === 0x3e) return this.#push(other, 2)
    if (code === 0x3c && after === 0x3d) return this.#push(compare, third === 0x3e ? 3 : 2)
    return this.#push(compare, (code === 0x3c && after === 0x3e) || (code === 0x3e && after === 0x3d) ? 2 : 1)
  }

  /** Blank where it ends. MySQL runs what stands in one that begins with an exclamation mark. */
  #readBlockComment(): void {
    const { text } = this
    const start = this.#at + 2
    if (text.charCodeAt(start) === 0x21) {
      this.#at = start + 1
      while (isDigitAt(text, this.#at)) this.#at++
      return
    }
    const closing = this.#hasUnclosed ? -1 : text.indexOf('*/', start)
    if (closing !== -1) this.#at = closing + 2
    else {
      // Looking for it once is enough.
      this.#hasUnclosed = true
      this.#push(comment, 2)
    }
  }
}

function quoteBit(code: number): number {
  return code === 0x27 ? 1 : code === 0x22 ? 2 : 4
}

const isBlank = (code: number) => code <= 0x20 || code === 0xa0

function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === 0x5f || code === 0x24 || code === 0x40 || code > 0xa0
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 0x30 && code <= 0x39)
}

function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

/** `1e0union select` is a number and then words to MySQL. */
function endOfExponent(text: string, at: number, isHex: boolean): number {
  if (isHex || text.charCodeAt(at) !== 0x65) return at
  const sign = text.charCodeAt(at + 1)
  let i = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
  if (!isDigitAt(text, i)) return at
  while (isDigitAt(text, i)) i++
  return i
}

const joins = ['or', 'and', 'xor', 'union', 'like', 'having', 'order', 'group']

/** `O'Brien`, `don't`, `l'été`; but not `x'or'1`. */
function isContraction(text: string, at: number): boolean {
  const after = text.charCodeAt(at + 1)
  if (!((after >= 0x61 && after <= 0x7a) || after > 0xa0)) return false
  return !joins.some((one) => text.startsWith(one, at + 1) && !isWordPart(text.charCodeAt(at + 1 + one.length)))
}
