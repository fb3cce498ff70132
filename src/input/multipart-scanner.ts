import { holdsBoundary, isBoundary } from './multipart.ts'
import { maxHeadBytes, type PartHead, readPartHead } from './part-head.ts'

type Expects = 'first boundary' | 'line end' | 'fields' | 'content' | 'nothing'

/** Is told what a body holds while it comes; what it returns other than null ends the reading. */
export interface MultipartWatch<T> {
  onPart(head: PartHead): T | null
  /** Called with each stretch of a part's content. */
  onContent(head: PartHead, bytes: number): T | null
}

/** Why nothing more is read: a body that is none, or what the watch found. */
export type MultipartEnd<T> = { readonly problem: string } | { readonly found: T }

const lineEnd = Buffer.from('\r\n')

/** Reads a multipart body in chunks as `parseMultipart` reads it whole, and holds none of its content. */
export class MultipartScanner<T> {
  end: MultipartEnd<T> | null = null
  readonly #boundary: Buffer
  readonly #watch: MultipartWatch<T>
  // A body begins with its boundary, as if a line end stood before it.
  #rest: Buffer = lineEnd
  #expects: Expects = 'first boundary'
  #head: PartHead | null = null
  #partBytes = 0

  constructor(boundary: string, watch: MultipartWatch<T>) {
    this.#boundary = Buffer.from(`--${boundary}`)
    this.#watch = watch
    if (!isBoundary(boundary)) this.#fail('the boundary is none')
  }

  write(chunk: Uint8Array): MultipartEnd<T> | null {
    const bytes = Buffer.concat([this.#rest, chunk])
    let at = 0
    while (this.end === null) {
      const next = this.#step(bytes, at)
      if (next === -1) break
      at = next
    }
    this.#rest = bytes.subarray(at)
    return this.end
  }

  finish(): MultipartEnd<T> | null {
    if (this.end === null && this.#expects !== 'nothing') this.#fail('the body ends before its last boundary')
    else if (this.#rest.length === 1) this.#fail('something follows the last boundary')
    return this.end
  }

  /** Returns where to go on; -1 where more has to come first. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#expects) {
      case 'first boundary': {
        const length = lineEnd.length + this.#boundary.length
        const start = bytes.subarray(2, length)
        if (!start.equals(this.#boundary.subarray(0, start.length))) {
          return this.#fail('the body does not begin with its boundary')
        }
        if (bytes.length < length) return -1
        this.#expects = 'line end'
        return length
      }
      case 'line end': {
        if (bytes.length < at + 2) return -1
        const mark = bytes.toString('latin1', at, at + 2)
        if (mark !== '\r\n' && mark !== '--') {
          return this.#fail('a boundary is followed by something else than a line end')
        }
        this.#expects = mark === '--' ? 'nothing' : 'fields'
        return at + 2
      }
      case 'fields':
        return this.#readFields(bytes, at)
      case 'content':
        return this.#readContent(bytes, at)
      case 'nothing':
        return lineEnd.subarray(0, bytes.length - at).equals(bytes.subarray(at))
          ? -1
          : this.#fail('something follows the last boundary')
    }
  }

  #readFields(bytes: Buffer, at: number): number {
    const end = bytes.subarray(at, at + maxHeadBytes + 4).indexOf('\r\n\r\n')
    if (end === -1) return bytes.length - at < maxHeadBytes + 4 ? -1 : this.#fail('a part has no end of its fields')
    const fields = bytes.subarray(at, at + end)
    if (holdsBoundary(fields, this.#boundary)) return this.#fail('a line of a part begins with the boundary')
    const head = readPartHead(fields)
    if (typeof head === 'string') return this.#fail(head)
    this.#head = head
    this.#partBytes = 0
    this.#expects = 'content'
    this.#take(this.#watch.onPart(head))
    return at + end + 4
  }

  #readContent(bytes: Buffer, at: number): number {
    const boundary = this.#boundary
    let found = bytes.indexOf(boundary, at)
    for (; found !== -1; found = bytes.indexOf(boundary, found + 1)) {
      // Two bytes before it are at hand, unless the part begins here.
      if (found - at >= 2 && bytes[found - 1] === 0x0a && bytes[found - 2] === 0x0d) break
      const before = bytes[found - 1]
      const beginsPart = found === at && this.#partBytes === 0
      if (beginsPart || (found > at && (before === 0x0a || before === 0x0d))) {
        return this.#fail('a line of a part begins with the boundary')
      }
    }
    if (found !== -1) {
      this.#count(found - 2 - at)
      this.#expects = 'line end'
      return found + boundary.length
    }
    const to = bytes.length - boundary.length - 1
    if (to <= at) return -1
    this.#count(to - at)
    return to
  }

  #count(length: number): void {
    this.#partBytes += length
    if (length > 0) this.#take(this.#watch.onContent(this.#head as PartHead, length))
  }

  #take(found: T | null): void {
    if (found !== null) this.end ??= { found }
  }

  #fail(problem: string): -1 {
    this.end ??= { problem }
    return -1
  }
}
