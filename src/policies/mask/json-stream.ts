import { type PointerNode, stepDown } from '../../core/pointer-tree.ts'
import type { BodyStream } from './body-stream.ts'
import type { Field, FieldTree } from './field-tree.ts'
import { toJsonEscapes, toPlainInteger, undoJsonEscapes } from './json-escapes.ts'
import { fromBytes, type Masking, maskBytes, maskText, toBytes } from './masking.ts'
import type { Found } from './scanner.ts'
import { TextStream } from './text-stream.ts'

/** The fields of a document and who may see which. */
export interface FieldMasking {
  readonly tree: FieldTree
  readonly isShown: (name: string) => boolean
  /** What stands in the place of a value, as JSON; undefined where it is left out. The value is JSON, null a container. */
  readonly hide: (field: Field, json: string | null) => string | undefined
}

interface Frame {
  readonly isObject: boolean
  readonly nodes: readonly PointerNode[]
  place: number
  /** How many of its members or elements were let go. */
  kept: number
}

const maxTokenLength = 64 * 1024
const maxDepth = 500
const nobody: readonly PointerNode[] = []
const space = /[ \t\r\n]*/y
const word = /[^ \t\r\n"{}[\],:]*/y

/**
 * Masks JSON that comes in chunks, token by token, and leaves everything else as it is written. Values are held back
 * until their end, up to 64 KiB; longer texts are masked as they pass. Several documents may follow one another. What
 * is no JSON is masked as text, but ends the answer where fields are to be found in it.
 */
export class JsonStream implements BodyStream {
  readonly #masking: Masking
  readonly #fields: FieldMasking | null
  readonly #frames: Frame[] = []
  /** A token that has begun, and how far its end was looked for. */
  #held = ''
  #looked = 0
  #out = ''
  /** What stands before a value: a comma, a name, spaces. It goes with the value. */
  #before = ''
  #comma = -1
  #name = ''
  #expectsName = false
  /** What hides the value that is being left out: the number of frames around it. */
  #hiddenBelow = -1
  /** What was found in the chunk at hand; null where each token is searched by itself. */
  #found: readonly Found[] | null = null
  #next = 0
  /** A text that is too long to be held. */
  #long: TextStream | 'left out' | null = null

  constructor(masking: Masking, fields: FieldMasking | null) {
    this.#masking = masking
    this.#fields = fields
  }

  push(chunk: string): string {
    this.#take(chunk, false)
    return this.#give()
  }

  end(): string {
    this.#take('', true)
    if (this.#fields !== null && (this.#frames.length > 0 || this.#long !== null)) throw broken('it ends too early')
    if (this.#long instanceof TextStream) this.#out += toJsonEscapes(this.#long.end())
    if (this.#hiddenBelow === -1) this.#out += this.#before + this.#held
    return this.#give()
  }

  #give(): string {
    const out = this.#out
    this.#out = ''
    return out
  }

  #take(chunk: string, ended: boolean): void {
    const text = this.#held + chunk
    // Searched once as a whole, which is cheaper than token by token; a long text that comes in small parts is not.
    this.#found = chunk.length >= this.#held.length ? this.#masking.scan(text) : null
    this.#next = 0
    let at = 0
    while (at < text.length) {
      const end = this.#long === null ? this.#token(text, at, ended) : this.#longText(text, at)
      if (end === -1) break
      at = end
    }
    this.#held = text.slice(at)
  }

  /** Takes the token at a place and returns where it ends; -1 where that is not known yet. */
  #token(text: string, at: number, ended: boolean): number {
    const code = text.charCodeAt(at)
    switch (code) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        space.lastIndex = at
        space.test(text)
        this.#lead(text.slice(at, space.lastIndex))
        return space.lastIndex
      case 0x22:
        return this.#string(text, at, ended)
      case 0x7b:
      case 0x5b:
        this.#open(code === 0x7b)
        return at + 1
      case 0x7d:
      case 0x5d:
        this.#close(code === 0x7d)
        return at + 1
      case 0x2c:
        this.#separate()
        return at + 1
      case 0x3a:
        this.#lead(':')
        return at + 1
      default: {
        word.lastIndex = at
        word.test(text)
        if (word.lastIndex === text.length && !ended) {
          if (text.length - at > maxTokenLength) throw broken('a word in it has no end')
          return -1
        }
        this.#value(text.slice(at, word.lastIndex), this.#isClean(at, word.lastIndex))
        return word.lastIndex
      }
    }
  }

  #string(text: string, at: number, ended: boolean): number {
    const end = endOfString(text, at + Math.max(1, this.#looked))
    if (end < text.length) {
      this.#looked = 0
      const token = text.slice(at, end + 1)
      const isClean = this.#isClean(at, end + 1)
      if (this.#expectsName) this.#takeName(token, isClean)
      else this.#value(token, isClean)
      return end + 1
    }
    if (end - at > maxTokenLength || ended) return this.#beginLong(at)
    // The character behind a backslash may still have to come.
    this.#looked = end - at
    return -1
  }

  #beginLong(at: number): number {
    this.#looked = 0
    if (this.#expectsName && this.#fields !== null) throw broken('a name in it is too long')
    const field = this.#expectsName ? null : this.#fieldHere()
    if (this.#hiddenBelow !== -1) this.#long = 'left out'
    else if (field !== null) {
      this.#hide(field, null)
      this.#long = 'left out'
    } else {
      this.#keep('"')
      this.#long = new TextStream(this.#masking)
    }
    return at + 1
  }

  #longText(text: string, at: number): number {
    const end = endOfString(text, at)
    const isWhole = end < text.length
    // Of an escape that is cut off, the rest has to come first.
    const { text: part, taken } = undoJsonEscapes(text.slice(at, end), isWhole)
    if (this.#long instanceof TextStream) {
      this.#out += toJsonEscapes(this.#long.push(part))
      if (isWhole) this.#out += `${toJsonEscapes(this.#long.end())}"`
    }
    if (!isWhole) return taken === 0 ? -1 : at + taken
    this.#long = null
    return end + 1
  }

  #lead(text: string): void {
    if (this.#hiddenBelow !== -1) return
    this.#before += text
    if (this.#before.length > 2 * maxTokenLength) throw broken('it has too much space between two values')
    if (this.#frames.length === 0) this.#flushBefore()
  }

  #separate(): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined) {
      if (this.#fields !== null) throw broken('a comma stands outside')
    } else {
      frame.place++
      this.#expectsName = frame.isObject
    }
    if (this.#hiddenBelow === -1) this.#comma = this.#before.length
    this.#lead(',')
  }

  #takeName(token: string, isClean: boolean): void {
    this.#expectsName = false
    if (this.#hiddenBelow !== -1) return
    if (this.#fields !== null) this.#name = this.#read(token)
    this.#lead(this.#maskString(token, isClean))
  }

  #open(isObject: boolean): void {
    const nodes = this.#nodesHere()
    if (this.#hiddenBelow === -1) {
      const field = this.#fields?.tree.find(nodes, this.#fields.isShown) ?? null
      if (field !== null) {
        this.#hide(field, null)
        this.#hiddenBelow = this.#frames.length
      } else this.#keep(isObject ? '{' : '[')
    }
    if (this.#frames.length >= maxDepth) throw broken(`it nests deeper than ${maxDepth}`)
    this.#frames.push({ isObject, nodes: this.#hiddenBelow === -1 ? nodes : nobody, place: 0, kept: 0 })
    this.#expectsName = isObject
  }

  #close(isObject: boolean): void {
    const frame = this.#frames.pop()
    if (this.#fields !== null && frame?.isObject !== isObject) throw broken('its brackets do not match')
    if (this.#hiddenBelow === -1) {
      this.#flushBefore()
      this.#out += isObject ? '}' : ']'
    } else {
      this.#forgetBefore()
      if (this.#hiddenBelow === this.#frames.length) this.#hiddenBelow = -1
    }
    this.#expectsName = false
  }

  /** A text in its quotes, a number, a literal, or what is no JSON. */
  #value(token: string, isClean: boolean): void {
    if (this.#hiddenBelow !== -1) return
    const field = this.#fieldHere()
    if (field !== null) this.#hide(field, token)
    else if (token.startsWith('"')) this.#keep(this.#maskString(token, isClean))
    else this.#keep(isClean && !/[.eE]/.test(token) ? token : this.#maskWord(token))
  }

  /** Whether nothing was found between two places, which only go forward. */
  #isClean(from: number, to: number): boolean {
    const found = this.#found
    if (found === null) return false
    while (this.#next < found.length && (found[this.#next] as Found).end <= from) this.#next++
    return this.#next === found.length || (found[this.#next] as Found).start >= to
  }

  #maskString(token: string, isClean: boolean): string {
    if (!token.includes('\\')) return isClean ? token : `"${maskBytes(token.slice(1, -1), this.#masking)}"`
    const text = this.#read(token)
    const masked = maskText(text, this.#masking)
    return masked === text ? token : toBytes(JSON.stringify(masked))
  }

  /** What takes the place of a number is a text. */
  #maskWord(token: string): string {
    const masked = token.length < 8 ? token : maskBytes(token, this.#masking)
    if (masked !== token) return JSON.stringify(masked)
    // A program may write any number with a point or an exponent.
    const integer = token.length < 8 || !/[.eE]/.test(token) ? null : toPlainInteger(token)
    if (integer === null || this.#masking.scan(integer).length === 0) return token
    const hidden = maskBytes(integer, this.#masking)
    return hidden === integer ? token : JSON.stringify(hidden)
  }

  #read(token: string): string {
    try {
      return JSON.parse(fromBytes(token)) as string
    } catch {
      if (this.#fields !== null) throw broken('a text in it is malformed')
      return fromBytes(token.slice(1, -1))
    }
  }

  #nodesHere(): readonly PointerNode[] {
    if (this.#fields === null || this.#hiddenBelow !== -1) return nobody
    const frame = this.#frames.at(-1)
    if (frame === undefined) return [this.#fields.tree.root]
    return stepDown(frame.nodes, frame.isObject ? this.#name : String(frame.place))
  }

  #fieldHere(): Field | null {
    return this.#fields === null ? null : this.#fields.tree.find(this.#nodesHere(), this.#fields.isShown)
  }

  #hide(field: Field, token: string | null): void {
    const hidden =
      token === 'null' && field.way !== 'remove'
        ? token
        : this.#fields?.hide(field, token === null ? null : fromBytes(token))
    if (hidden === undefined) this.#forgetBefore()
    else this.#keep(toBytes(hidden))
  }

  #keep(text: string): void {
    const frame = this.#frames.at(-1)
    // What stood before it in the list was left out, and so is the comma behind that.
    if (this.#fields !== null && frame?.kept === 0 && this.#comma !== -1) {
      this.#before = this.#before.slice(0, this.#comma) + this.#before.slice(this.#comma + 1)
    }
    if (frame !== undefined) frame.kept++
    this.#flushBefore()
    this.#out += text
  }

  #flushBefore(): void {
    this.#out += this.#before
    this.#forgetBefore()
  }

  #forgetBefore(): void {
    this.#before = ''
    this.#comma = -1
  }
}

/** Where the quote stands that ends a text; behind the end where it has not come, and after a backslash there. */
function endOfString(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return at
}

function broken(why: string): Error {
  return new Error(`an answer whose fields are hidden is no JSON: ${why}`)
}
