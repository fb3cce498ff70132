/** One element of DER (X.690 section 10): where it lies in its bytes. */
export interface DerElement {
  readonly bytes: Buffer
  readonly tag: number
  /** Of the element with its head. */
  readonly start: number
  readonly contentStart: number
  readonly end: number
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** What is no DER: an indefinite or padded length, a tag of several bytes, or an element that is longer than its place. */
export class DerError extends Error {}

/** Reads the element at `at`, which must end at or before `end`. */
export function readElement(bytes: Buffer, at = 0, end = bytes.length): DerElement {
  if (at + 2 > end) throw new DerError('it ends too early')
  const tag = bytes[at] as number
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of several bytes')
  let length = bytes[at + 1] as number
  let contentStart = at + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0 || count > 4 || contentStart + count > end) throw new DerError('a length that cannot be')
    length = bytes.readUIntBE(contentStart, count)
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new DerError('a length that is padded')
    contentStart += count
  }
  const last = contentStart + length
  if (last > end) throw new DerError('an element longer than its place')
  return { bytes, tag, start: at, contentStart, end: last }
}

/** The element that is all of these bytes. */
export function readWhole(bytes: Buffer, tag: number): DerElement {
  const element = readElement(bytes)
  if (element.end !== bytes.length) throw new DerError('something follows it')
  return expectTag(element, tag)
}

/** The elements inside a constructed one, in order. */
export function* readChildren(parent: DerElement): Generator<DerElement> {
  for (let at = parent.contentStart; at < parent.end; ) {
    const child = readElement(parent.bytes, at, parent.end)
    yield child
    at = child.end
  }
}

export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new DerError(`tag ${element?.tag ?? 'none'} where ${tag} has to be`)
  return element
}

export function contentOf({ bytes, contentStart, end }: DerElement): Buffer {
  return bytes.subarray(contentStart, end)
}

export function wholeOf({ bytes, start, end }: DerElement): Buffer {
  return bytes.subarray(start, end)
}

/** `2.5.4.3` from the bytes of an OBJECT IDENTIFIER. */
export function readOid(element: DerElement | undefined): string {
  const content = contentOf(expectTag(element, tags.oid))
  const numbers: number[] = []
  let value = 0
  for (const [i, byte] of content.entries()) {
    value = value * 128 + (byte & 0x7f)
    if (value > Number.MAX_SAFE_INTEGER / 128) throw new DerError('an object identifier that is too large')
    if (byte >= 0x80) {
      if (i === content.length - 1) throw new DerError('an object identifier that ends too early')
      continue
    }
    if (numbers.length > 0) numbers.push(value)
    else numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
    value = 0
  }
  return numbers.join('.')
}

/** Epoch milliseconds (RFC 5280 section 4.1.2.5). */
export function readTime(element: DerElement | undefined): number {
  const text = element === undefined ? '' : contentOf(element).toString('latin1')
  const match =
    element?.tag === tags.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : element?.tag === tags.generalizedTime
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null
  if (match === null) throw new DerError('not a time')
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, ...number[]] as number[]
  const full = element?.tag === tags.utcTime ? (year as number) + ((year as number) < 50 ? 2000 : 1900) : year
  return Date.UTC(full as number, (month as number) - 1, day, hour, minute, second)
}
