import { maxHeadBytes, type PartHead, parsePartHead } from './part-head.ts'

export type MultipartEvent =
  /** `at` and `end` are where the part's fields stand in the body, the empty line behind them included. */
  | { readonly kind: 'part'; readonly head: PartHead; readonly at: number; readonly end: number }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'partEnd' }
  /** Nothing follows it. */
  | { readonly kind: 'problem'; readonly problem: string }

const maxParts = 1000
const boundaryText = /^[0-9A-Za-z'()+_,\-./:=? ]{1,70}$/
const lineEnd = Buffer.from('\r\n')
const noBytes = Buffer.alloc(0)

/**
 * Reads a multipart body as it comes, and as strictly as a whole one: bytes before the first or behind the last
 * boundary, a boundary inside a part's fields, a body that ends early are problems. It keeps the fields of one part, or
 * of a part's content as much as may be the beginning of a boundary; what it tells of content are views of the chunks.
 */
export class MultipartScanner {
  readonly #delimiter: Buffer
  readonly #bareDelimiters: readonly Buffer[]
  #state: 'begin' | 'mark' | 'head' | 'data' | 'epilogue' | 'failed' = 'begin'
  #kept: Buffer = noBytes
  #parts = 0
  /** Where `#kept` begins in the body. */
  #position = 0
  /** The line end of a part's fields is looked at again with its content: a boundary may begin with it. */
  #lead = 0
  readonly #brokenBoundary: boolean

  constructor(boundary: string) {
    this.#brokenBoundary = !boundaryText.test(boundary) || boundary.endsWith(' ')
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#bareDelimiters = [Buffer.from(`\n--${boundary}`), Buffer.from(`\r--${boundary}`)]
  }

  write(chunk: Uint8Array): readonly MultipartEvent[] {
    const events: MultipartEvent[] = []
    if (this.#brokenBoundary) this.#fail(events, 'the boundary is none')
    if (this.#state === 'failed') return events
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes = this.#kept.length === 0 ? view : Buffer.concat([this.#kept, view])
    let at = 0
    for (;;) {
      const taken = this.#step(bytes.subarray(at), events)
      if (taken === null) break
      at += taken
      this.#position += taken
    }
    this.#kept = at === bytes.length ? noBytes : Buffer.from(bytes.subarray(at))
    return events
  }

  /** The body is over. */
  end(): readonly MultipartEvent[] {
    const events: MultipartEvent[] = []
    if (this.#state === 'failed') return events
    if (this.#brokenBoundary) this.#fail(events, 'the boundary is none')
    else if (this.#state === 'begin') this.#fail(events, 'the body does not begin with its boundary')
    else if (this.#state !== 'epilogue') this.#fail(events, 'the body ends before its last boundary')
    else if (this.#kept.length === 1) this.#fail(events, 'something follows the last boundary')
    return events
  }

  /** How many bytes were dealt with; null where more are needed first. */
  #step(bytes: Buffer, events: MultipartEvent[]): number | null {
    switch (this.#state) {
      case 'begin':
        return this.#begin(bytes, events)
      case 'mark':
        return this.#readMark(bytes, events)
      case 'head':
        return this.#readHead(bytes, events)
      case 'data':
        return this.#readData(bytes, events)
      case 'epilogue':
        if (!lineEnd.subarray(0, bytes.length).equals(bytes)) this.#fail(events, 'something follows the last boundary')
        return null
      case 'failed':
        return null
    }
  }

  #begin(bytes: Buffer, events: MultipartEvent[]): number | null {
    const first = this.#delimiter.subarray(2)
    const length = Math.min(first.length, bytes.length)
    if (!first.subarray(0, length).equals(bytes.subarray(0, length))) {
      return this.#fail(events, 'the body does not begin with its boundary')
    }
    if (length < first.length) return null
    this.#state = 'mark'
    return length
  }

  #readMark(bytes: Buffer, events: MultipartEvent[]): number | null {
    if (bytes.length < 2) return null
    const mark = bytes.toString('latin1', 0, 2)
    if (mark === '--') this.#state = 'epilogue'
    else if (mark !== '\r\n') return this.#fail(events, 'a boundary is followed by something else than a line end')
    else if (this.#parts === maxParts) return this.#fail(events, `the body has more than ${maxParts} parts`)
    else this.#state = 'head'
    return 2
  }

  #readHead(bytes: Buffer, events: MultipartEvent[]): number | null {
    const blank = bytes.subarray(0, maxHeadBytes + 4).indexOf('\r\n\r\n')
    if (blank === -1) return bytes.length < maxHeadBytes + 4 ? null : this.#fail(events, noEnd)
    const head = bytes.subarray(0, blank)
    if (head.subarray(0, this.#delimiter.length - 2).equals(this.#delimiter.subarray(2)))
      return this.#fail(events, noEnd)
    if (head.includes(this.#delimiter)) return this.#fail(events, noEnd)
    const read = parsePartHead(head)
    if (typeof read === 'string') return this.#fail(events, read)
    this.#parts++
    events.push({ kind: 'part', head: read, at: this.#position, end: this.#position + blank + 4 })
    this.#state = 'data'
    this.#lead = 2
    return blank + 2
  }

  #readData(bytes: Buffer, events: MultipartEvent[]): number | null {
    const found = bytes.indexOf(this.#delimiter)
    if (this.#isAmbiguous(found === -1 ? bytes : bytes.subarray(0, found))) {
      return this.#fail(events, 'a line of a part begins with the boundary')
    }
    if (found !== -1 && found < this.#lead) return this.#fail(events, noEnd)
    const until = found === -1 ? this.#whereDelimiterMayBegin(bytes) : found
    // As long as the line end of the fields may be the beginning of a boundary, nothing is told.
    if (found === -1 && until < this.#lead) return null
    if (until > this.#lead) events.push({ kind: 'data', bytes: bytes.subarray(this.#lead, until) })
    this.#lead = 0
    if (found === -1) return until === 0 ? null : until
    events.push({ kind: 'partEnd' })
    this.#state = 'mark'
    return found + this.#delimiter.length
  }

  /** PHP and others take any line end before a boundary, and would cut here. */
  #isAmbiguous(content: Buffer): boolean {
    return this.#bareDelimiters.some((one) => content.includes(one))
  }

  /** The first place from which on everything might be the beginning of a delimiter, or of what some take for one. */
  #whereDelimiterMayBegin(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.#delimiter.length + 1); at < bytes.length; at++) {
      if (bytes[at] !== 0x0d && bytes[at] !== 0x0a) continue
      const tail = bytes.subarray(at)
      if ([this.#delimiter, ...this.#bareDelimiters].some((one) => one.subarray(0, tail.length).equals(tail))) return at
    }
    return bytes.length
  }

  #fail(events: MultipartEvent[], problem: string): null {
    this.#state = 'failed'
    events.push({ kind: 'problem', problem })
    return null
  }
}

const noEnd = 'a part has no end of its fields'
