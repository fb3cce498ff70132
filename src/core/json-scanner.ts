import type { JsonFault, JsonLimits, JsonRule } from './json-limits.ts'
import { hashName, JsonNames } from './json-names.ts'
import { JsonNumbers } from './json-numbers.ts'
import { JsonPlaces } from './json-places.ts'
import { JsonStrings } from './json-strings.ts'
import { Utf8Check } from './utf8-check.ts'

/** What may come next between tokens. */
const [aValue, aValueOrEnd, aName, aNameOrEnd, aColon, aCommaOrEnd] = [0, 1, 2, 3, 4, 5]
/** Which token the last chunk broke off in. */
const [noToken, text, name, number, literal] = [0, 1, 2, 3, 4]

const words = ['true', 'false', 'null'].map((word) => new TextEncoder().encode(word))
const nothing = new Uint8Array(0)

/**
 * Reads JSON (RFC 8259) in chunks without building anything of it: what passes is what `JSON.parse` takes after strict
 * UTF-8, within the limits, with no name twice in an object. Linear in time; holds a few bytes for each object that is
 * open and for each name in one.
 */
export class JsonScanner {
  fault: JsonFault | null = null
  readonly #limits: JsonLimits
  readonly #maxItems: number
  readonly #forbidden: readonly (readonly [number, number])[]
  /** A bit for each of them, by which most names are seen to be none. */
  readonly #forbiddenBits: number
  readonly #places = new JsonPlaces()
  readonly #names = new JsonNames()
  readonly #utf8 = new Utf8Check()
  readonly #strings: JsonStrings
  readonly #numbers: JsonNumbers
  #expect: number = aValue
  #token: number = noToken
  /** Bytes of earlier chunks. */
  #read = 0
  /** Where the token began, in this chunk; negative where that was an earlier one. */
  #start = 0
  #members = 0
  #word: Uint8Array = nothing

  constructor(limits: JsonLimits) {
    this.#limits = limits
    this.#maxItems = limits.maxItems
    this.#forbidden = limits.forbiddenNames.map(hashName)
    this.#forbiddenBits = this.#forbidden.reduce((bits, [one]) => bits | (1 << (one >>> 27)), 0)
    this.#strings = new JsonStrings(limits.allowControls)
    this.#numbers = new JsonNumbers(limits)
  }

  /** Judges a document that is there as a whole. A scanner judges one after the other. */
  scan(bytes: Uint8Array): JsonFault | null {
    this.restart()
    return this.write(bytes) ?? this.end()
  }

  /** The same for bytes that are known to be UTF-8. */
  scanText(bytes: Uint8Array): JsonFault | null {
    this.restart()
    return this.#write(bytes) ?? this.end()
  }

  restart(): void {
    this.fault = null
    this.#places.restart()
    this.#names.restart()
    this.#utf8.restart()
    this.#strings.restart()
    this.#numbers.restart()
    this.#expect = aValue
    this.#token = noToken
    this.#read = 0
    this.#members = 0
  }

  /** Reads on. Returns the first fault, and for good. */
  write(bytes: Uint8Array): JsonFault | null {
    if (this.fault !== null) return this.fault
    if (!this.#utf8.write(bytes)) {
      this.#fail('utf8', bytes, 0)
      return this.fault
    }
    return this.#write(bytes)
  }

  #write(bytes: Uint8Array): JsonFault | null {
    const end = bytes.length
    let at = this.#token === noToken ? 0 : this.#resume(bytes)
    while (at < end) {
      const byte = bytes[at] as number
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++
      else at = this.#step(byte, bytes, at)
    }
    if (this.fault === null) {
      this.#places.keep(bytes, this.#token === name ? this.#start : null)
      this.#start -= end
      this.#read += end
    }
    return this.fault
  }

  /** Ends the document. */
  end(): JsonFault | null {
    if (this.fault !== null) return this.fault
    if (!this.#utf8.end()) this.#fail('utf8', nothing, 0)
    else if (this.#token === number && this.#places.depth === 0) {
      this.#numbers.end()
      if (this.#numbers.rule !== null) this.#fail(this.#numbers.rule, nothing, 0)
    } else if (this.#token !== noToken || this.#places.depth !== 0 || this.#expect !== aCommaOrEnd) {
      this.#fail('syntax', nothing, 0)
    }
    return this.fault
  }

  #resume(bytes: Uint8Array): number {
    if (this.#token === text) return this.#readText(bytes, 0)
    if (this.#token === name) return this.#readName(bytes, 0)
    return this.#token === number ? this.#readNumber(bytes, 0) : this.#readLiteral(bytes, 0)
  }

  /** Takes what begins with `byte`; returns where it goes on. */
  #step(byte: number, bytes: Uint8Array, at: number): number {
    const places = this.#places
    switch (this.#expect) {
      case aCommaOrEnd:
        if (places.depth === 0) break
        if (byte === 0x2c) return this.#comma(bytes, at)
        if (byte === (places.inObject ? 0x7d : 0x5d)) return this.#close(at)
        break
      case aColon:
        if (byte !== 0x3a) break
        this.#expect = aValue
        return at + 1
      case aName:
      case aNameOrEnd:
        if (byte === 0x22) return this.#beginName(bytes, at + 1)
        if (byte === 0x7d && this.#expect === aNameOrEnd) return this.#close(at)
        break
      case aValueOrEnd:
        if (byte === 0x5d) return this.#close(at)
        places.count = 1
        if (this.#maxItems < 1) return this.#fail('maxItems', bytes, at)
        return this.#beginValue(byte, bytes, at)
      default:
        return this.#beginValue(byte, bytes, at)
    }
    return this.#fail('syntax', bytes, at)
  }

  #beginValue(byte: number, bytes: Uint8Array, at: number): number {
    if (byte === 0x22) {
      this.#start = at + 1
      return this.#readText(bytes, at + 1)
    }
    if (byte === 0x7b || byte === 0x5b) return this.#open(byte === 0x7b, bytes, at)
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      const short = this.#numbers.readShort(bytes, at)
      if (short !== -1) return this.#endToken(aCommaOrEnd, short)
      this.#numbers.begin()
      return this.#readNumber(bytes, at)
    }
    const word = words.find((one) => one[0] === byte)
    if (word === undefined) return this.#fail('syntax', bytes, at)
    this.#word = word
    this.#start = at
    return this.#readLiteral(bytes, at)
  }

  #beginName(bytes: Uint8Array, at: number): number {
    this.#start = at
    this.#strings.beginName()
    return this.#readName(bytes, at)
  }

  #open(isObject: boolean, bytes: Uint8Array, at: number): number {
    if (this.#places.depth >= this.#limits.maxDepth) return this.#fail('maxDepth', bytes, at)
    this.#places.open(isObject, this.#names.size)
    this.#expect = isObject ? aNameOrEnd : aValueOrEnd
    return at + 1
  }

  #comma(bytes: Uint8Array, at: number): number {
    const places = this.#places
    if (places.inObject) {
      this.#expect = aName
      places.leaveMember()
      // The next name mostly follows at once.
      if (bytes[at + 1] === 0x22) return this.#beginName(bytes, at + 2)
    } else {
      this.#expect = aValue
      if (++places.count > this.#maxItems) return this.#fail('maxItems', bytes, at)
    }
    return at + 1
  }

  #close(at: number): number {
    const places = this.#places
    if (places.inObject) this.#names.close(places.base)
    places.close()
    this.#expect = aCommaOrEnd
    return at + 1
  }

  #readText(bytes: Uint8Array, from: number): number {
    const at = this.#strings.readValue(bytes, from)
    if (this.#strings.rule !== null) return this.#fail(this.#strings.rule, bytes, at)
    if (at - this.#start > this.#limits.maxStringBytes) return this.#fail('maxStringBytes', bytes, at)
    if (at === bytes.length) return this.#breakOff(text, at)
    return this.#endToken(aCommaOrEnd, at + 1)
  }

  #readName(bytes: Uint8Array, from: number): number {
    const strings = this.#strings
    const at = strings.readName(bytes, from)
    if (strings.rule !== null) return this.#fail(strings.rule, bytes, at)
    if (at - this.#start > this.#limits.maxNameBytes) return this.#fail('maxNameBytes', bytes, at)
    if (at === bytes.length) return this.#breakOff(name, at)
    const places = this.#places
    places.enterMember(bytes, this.#start, at)
    if (++this.#members > this.#limits.maxMembers) return this.#fail('maxMembers', bytes, at)
    const { one, two } = strings
    if (((this.#forbiddenBits >>> (one >>> 27)) & 1) === 1 && this.#isForbidden(one, two)) {
      return this.#fail('forbiddenName', bytes, at)
    }
    if (!this.#names.add(places.base, one, two)) return this.#fail('duplicate', bytes, at)
    return bytes[at + 1] === 0x3a ? this.#endToken(aValue, at + 2) : this.#endToken(aColon, at + 1)
  }

  #isForbidden(one: number, two: number): boolean {
    return this.#forbidden.some((forbidden) => forbidden[0] === one && forbidden[1] === two)
  }

  #readNumber(bytes: Uint8Array, from: number): number {
    const at = this.#numbers.read(bytes, from)
    if (this.#numbers.rule !== null) return this.#fail(this.#numbers.rule, bytes, at)
    return this.#numbers.ended ? this.#endToken(aCommaOrEnd, at) : this.#breakOff(number, at)
  }

  #readLiteral(bytes: Uint8Array, from: number): number {
    const word = this.#word
    let at = from
    for (let i = at - this.#start; i < word.length; i++, at++) {
      if (at === bytes.length) return this.#breakOff(literal, at)
      if (bytes[at] !== word[i]) return this.#fail('syntax', bytes, at)
    }
    return this.#endToken(aCommaOrEnd, at)
  }

  #endToken(expect: number, at: number): number {
    this.#token = noToken
    this.#expect = expect
    return at
  }

  #breakOff(token: number, at: number): number {
    this.#token = token
    return at
  }

  /** Returns the end of the chunk: nothing more is read. */
  #fail(rule: JsonRule, bytes: Uint8Array, at: number): number {
    const offset = this.#read + at
    const isMark = offset === 0 && bytes[0] === 0xef
    this.fault = { rule: isMark ? 'byteOrderMark' : rule, at: this.#places.toPointer(bytes), offset }
    return bytes.length
  }
}
