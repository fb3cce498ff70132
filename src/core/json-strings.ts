import type { JsonRule } from './json-limits.ts'
import { hashFactors, hashSeeds, lastByte } from './json-names.ts'

/** What of an escape comes next. */
const [plain, afterBackslash, hex, secondBackslash, secondU] = [0, 1, 2, 3, 4]

/** 1 for what stands in a string for itself; that it is UTF-8 is `Utf8Check`'s to see. */
const isTextByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
)
/** Chunks that are worth a view of several bytes at a time, and how long a text goes on before it is used. */
const [longChunk, longText] = [4096, 24]
/** What follows a backslash, and what it then stands for; 0 for what may not. */
const escaped = new Uint8Array(256)
for (const [i, char] of [...'"\\/bfnrt'].entries()) escaped[char.charCodeAt(0)] = '"\\/\b\f\n\r\t'.charCodeAt(i)

/** 1 for what may follow a backslash whatever the limits are. */
const isShortEscape = escaped.map((char) => (char >= 0x20 || char === 0x09 || char === 0x0a || char === 0x0d ? 1 : 0))

/** Reads what stands between the quotes of a string, in chunks. */
export class JsonStrings {
  /** The hashes of a name that was read; see `hashName`. */
  one = 0
  two = 0
  rule: JsonRule | null = null
  readonly #allowControls: boolean
  #part: number = plain
  #left = 0
  #unit = 0
  #high = 0
  /** A byte of a name that waits for a second one, which are hashed in pairs; -1 where none does. */
  #first = -1

  constructor(allowControls: boolean) {
    this.#allowControls = allowControls
  }

  restart(): void {
    this.rule = null
    this.#part = plain
    this.#high = 0
  }

  beginName(): void {
    this.one = hashSeeds.one
    this.two = hashSeeds.two
    this.#first = -1
  }

  /** Returns where the closing quote stands, or the end of the chunk; where `rule` is set, what breaks it. */
  readValue(bytes: Uint8Array, from: number): number {
    const end = bytes.length
    let at = this.#part === plain ? from : this.#readEscape(bytes, from)
    while (at < end && this.rule === null) {
      at = skipText(bytes, at)
      if (at === end || bytes[at] === 0x22) return at
      at = isShortEscape[bytes[at + 1] as number] === 1 && bytes[at] === 0x5c ? at + 2 : this.#readEscape(bytes, at)
    }
    return at
  }

  /** The same, with the hashes. */
  readName(bytes: Uint8Array, from: number): number {
    const end = bytes.length
    let at = this.#part === plain ? from : this.#readEscape(bytes, from)
    while (at < end && this.rule === null) {
      if (this.#first === -1) at = this.#hashPairs(bytes, at)
      if (at === end) return at
      const byte = bytes[at] as number
      if (byte === 0x22) {
        if (this.#first !== -1) this.#hash(lastByte | this.#first, lastByte | this.#first)
        return at
      }
      if (isTextByte[byte] === 1) {
        this.#add(byte)
        at++
      } else at = this.#readEscape(bytes, at)
    }
    return at
  }

  /** Returns where no two bytes follow that stand for themselves. */
  #hashPairs(bytes: Uint8Array, from: number): number {
    const last = bytes.length - 1
    const factorOne = hashFactors.one
    const factorTwo = hashFactors.two
    let one = this.one
    let two = this.two
    let at = from
    for (; at < last; at += 2) {
      const first = bytes[at] as number
      const second = bytes[at + 1] as number
      if (((isTextByte[first] as number) & (isTextByte[second] as number)) === 0) break
      one = Math.imul(one ^ (first | (second << 8)), factorOne)
      two = Math.imul(two ^ ((first << 8) | second), factorTwo)
    }
    this.one = one
    this.two = two
    return at
  }

  /** An escape, as far as the chunk goes. */
  #readEscape(bytes: Uint8Array, from: number): number {
    let at = from
    do {
      if (at === bytes.length) return at
      this.rule = this.#take(bytes[at] as number)
      if (this.rule !== null) return at
      at++
    } while (this.#part !== plain)
    return at
  }

  #take(byte: number): JsonRule | null {
    switch (this.#part) {
      case plain:
        this.#part = afterBackslash
        return byte === 0x5c ? null : 'syntax'
      case afterBackslash: {
        if (byte === 0x75) return this.#beginHex()
        const char = escaped[byte] as number
        return char === 0 ? 'syntax' : this.#end(char)
      }
      case hex:
        return this.#takeHex(byte)
      case secondBackslash:
        this.#part = secondU
        return byte === 0x5c ? null : 'surrogate'
      default:
        return byte === 0x75 ? this.#beginHex() : 'surrogate'
    }
  }

  #beginHex(): null {
    this.#part = hex
    this.#left = 4
    this.#unit = 0
    return null
  }

  #takeHex(byte: number): JsonRule | null {
    const lower = byte | 0x20
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
    if (digit === -1) return 'syntax'
    this.#unit = (this.#unit << 4) | digit
    if (--this.#left > 0) return null
    const [unit, high] = [this.#unit, this.#high]
    const isLow = unit >= 0xdc00 && unit <= 0xdfff
    if (isLow !== high > 0) return 'surrogate'
    if (isLow) {
      this.#high = 0
      return this.#end(0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff))
    }
    if (unit < 0xd800 || unit > 0xdbff) return this.#end(unit)
    this.#high = unit
    this.#part = secondBackslash
    return null
  }

  #end(point: number): JsonRule | null {
    this.#part = plain
    const isControl = point === 0x7f || (point < 0x20 && point !== 0x09 && point !== 0x0a && point !== 0x0d)
    if (isControl && !this.#allowControls) return 'control'
    // A name that is written with escapes is the same name: its hashes are those of the characters' bytes.
    if (point < 0x80) this.#add(point)
    else if (point < 0x800) {
      this.#add(0xc0 | (point >> 6))
      this.#add(0x80 | (point & 0x3f))
    } else if (point < 0x10000) {
      this.#add(0xe0 | (point >> 12))
      this.#add(0x80 | ((point >> 6) & 0x3f))
      this.#add(0x80 | (point & 0x3f))
    } else {
      this.#add(0xf0 | (point >> 18))
      this.#add(0x80 | ((point >> 12) & 0x3f))
      this.#add(0x80 | ((point >> 6) & 0x3f))
      this.#add(0x80 | (point & 0x3f))
    }
    return null
  }

  #add(byte: number): void {
    const first = this.#first
    this.#first = first === -1 ? byte : -1
    if (first !== -1) this.#hash(first | (byte << 8), (first << 8) | byte)
  }

  #hash(one: number, two: number): void {
    this.one = Math.imul(this.one ^ one, hashFactors.one)
    this.two = Math.imul(this.two ^ two, hashFactors.two)
  }
}

/** Where the text ends that begins at `from`: at a quote, a backslash, a control character, or the end of the chunk. */
function skipText(bytes: Uint8Array, from: number): number {
  const end = bytes.length
  const near = end < longChunk ? end : Math.min(end, from + longText)
  let at = from
  while (at < near && isTextByte[bytes[at] as number] === 1) at++
  if (at < near || near === end) return at
  const words = new DataView(bytes.buffer, bytes.byteOffset, end)
  for (; at + 8 <= end; at += 8) {
    if (((findSpecial(words.getInt32(at, true)) | findSpecial(words.getInt32(at + 4, true))) & 0x80808080) !== 0) break
  }
  while (at < end && isTextByte[bytes[at] as number] === 1) at++
  return at
}

/** Sets upper bits where one of four bytes is special: a zero sets its own (Hacker's Delight, section 6-1). */
function findSpecial(word: number): number {
  const quote = word ^ 0x22222222
  const backslash = word ^ 0x5c5c5c5c
  return ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word)
}
