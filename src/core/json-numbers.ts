import type { JsonLimits, JsonRule } from './json-limits.ts'

/** Where in a number (RFC 8259 section 6) the last character stood. */
const [start, minus, zero, whole, point, fraction, exponent, sign, power] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const broken = 15
const isComplete = Array.from({ length: 9 }, (_, part) => [zero, whole, fraction, power].includes(part))
/** Classes of bytes: a digit, then `.`, `e`, `+` and `-`. */
const classes = Uint8Array.from({ length: 256 }, (_, byte) => (byte === 0x30 ? 1 : byte > 0x30 && byte <= 0x39 ? 2 : 0))
for (const [i, char] of ['.', 'e', '+', '-'].entries()) classes[char.charCodeAt(0)] = 3 + i
classes[0x45] = 4
/** `parts[part * 8 + class]`; a class that ends the number leads to `start`. */
const parts = new Uint8Array(72)
for (const [from, ...to] of [
  // 0 1–9 . e + -
  [start, zero, whole, broken, broken, broken, minus],
  [minus, zero, whole, broken, broken, broken, broken],
  [zero, broken, broken, point, exponent, broken, broken],
  [whole, whole, whole, point, exponent, broken, broken],
  [point, fraction, fraction, broken, broken, broken, broken],
  [fraction, fraction, fraction, broken, exponent, broken, broken],
  [exponent, power, power, broken, broken, sign, sign],
  [sign, power, power, broken, broken, broken, broken],
  [power, power, power, broken, broken, broken, broken],
] as [number, ...number[]][]) {
  for (const [i, part] of to.entries()) parts[from * 8 + 1 + i] = part
}

/** Exponents that a double may need; `BigDecimal` and its like take any, and as long as they want. */
const longExponent = /e[+-]?0*[1-9]\d{3,}$/i

/** Reads numbers, in chunks. */
export class JsonNumbers {
  rule: JsonRule | null = null
  /** False where the chunk ended before it was seen whether the number does. */
  ended = false
  readonly #maxDigits: number
  readonly #maxNumber: number
  /** So many digits before the point never make a number too large. */
  readonly #smallDigits: number
  readonly #shortDigits: number
  #part: number = start
  #digits = 0
  /** Digits before the point and before the exponent; -1 where there is none. */
  #beforePoint = -1
  #beforePower = -1
  /** What came of it in earlier chunks: no more digits than are allowed. */
  #kept = ''

  constructor({ maxDigits, maxNumber }: JsonLimits) {
    this.#maxDigits = maxDigits
    this.#maxNumber = maxNumber
    this.#smallDigits = Math.floor(Math.log10(maxNumber))
    this.#shortDigits = Math.min(maxDigits, this.#smallDigits, 40)
  }

  restart(): void {
    this.rule = null
  }

  begin(): void {
    this.#part = start
    this.#digits = 0
    this.#beforePoint = -1
    this.#beforePower = -1
    this.#kept = ''
  }

  /** Reads a number of few digits that ends in this chunk, as nearly all do; -1 for all others. */
  readShort(bytes: Uint8Array, from: number): number {
    let at = bytes[from] === 0x2d ? from + 1 : from
    const last = Math.min(bytes.length, at + this.#shortDigits)
    const first = bytes[at] as number
    if (first === 0x30) at++
    else if (first > 0x30 && first <= 0x39)
      do at++
      while (at < last && ((classes[bytes[at] as number] as number) - 1) >>> 0 < 2)
    else return -1
    if (at < last && bytes[at] === 0x2e) {
      const point = at++
      while (at < last && ((classes[bytes[at] as number] as number) - 1) >>> 0 < 2) at++
      if (at === point + 1) return -1
    }
    return at < last && classes[bytes[at] as number] === 0 ? at : -1
  }

  /** Returns where the number ends. */
  read(bytes: Uint8Array, from: number): number {
    const end = bytes.length
    let [at, part, digits] = [from, this.#part, this.#digits]
    for (; at < end; at++) {
      const kind = classes[bytes[at] as number] as number
      if (kind === 0) break
      part = parts[part * 8 + kind] as number
      if (kind <= 2) digits++
      else if (kind === 3) this.#beforePoint = digits
      else if (kind === 4) this.#beforePower = digits
      if (part === broken) {
        this.rule = 'syntax'
        return at
      }
    }
    this.#part = part
    this.#digits = digits
    this.ended = at < end
    if (digits > this.#maxDigits) this.rule = 'maxDigits'
    else if (this.ended) this.#judge(bytes, from, at)
    else if (this.#smallDigits !== Number.POSITIVE_INFINITY) this.#kept += toText(bytes, from, at)
    return at
  }

  /** Ends a number at the end of the document. */
  end(): void {
    this.#judge(nothing, 0, 0)
  }

  #judge(bytes: Uint8Array, from: number, to: number): void {
    if (!isComplete[this.#part]) this.rule = 'syntax'
    else if (!this.#isSmall()) {
      const text = this.#kept + toText(bytes, from, to)
      if (longExponent.test(text) || Math.abs(Number(text)) > this.#maxNumber) this.rule = 'maxNumber'
    }
  }

  /** Told by the number of digits alone, so that most numbers are never converted. */
  #isSmall(): boolean {
    if (this.#smallDigits === Number.POSITIVE_INFINITY) return true
    const mantissa = this.#beforePower === -1 ? this.#digits : this.#beforePower
    const whole = this.#beforePoint === -1 ? mantissa : this.#beforePoint
    if (this.#beforePower === -1) return whole <= this.#smallDigits
    return this.#digits - mantissa <= 2 && whole + 99 <= this.#smallDigits
  }
}

const nothing = new Uint8Array(0)

function toText(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}
