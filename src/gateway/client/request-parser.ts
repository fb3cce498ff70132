import { type Refusal, refuse } from '../../core/decision.ts'
import { ChunkedDecoder } from '../http1/chunked-decoder.ts'
import { cr, lf } from '../http1/octets.ts'
import { parseRequestHead, type RequestHead } from './request-head.ts'
import { headEnd, SplitRequestHead } from './split-request-head.ts'

/** Takes what the bytes of a client turn out to be. */
export interface RequestSink {
  onRequestHead(head: RequestHead): void
  onContent(chunk: Buffer): void
  /** The body is complete. Not called where there is none. */
  onRequestEnd(): void
  /** These bytes are no request. The parser has stopped. */
  onInvalid(refusal: Refusal): void
}

/** Empty lines before a request are a habit of old clients (RFC 9112 section 2.2): this many octets of them are skipped. */
const maxEmptyOctets = 8

const inHead = 0
const inFixed = 1
const inChunked = 2
const stopped = 3

/**
 * A strict incremental parser of the requests on one connection (RFC 9112). It stops behind each head and each request,
 * so that its owner decides when it goes on.
 */
export class RequestParser {
  readonly #sink: RequestSink
  readonly #maxHeadBytes: number
  #state: number = inHead
  #emptyOctets = 0
  #split: SplitRequestHead | null = null
  #remaining = 0
  #chunked: ChunkedDecoder | null = null

  constructor(sink: RequestSink, maxHeadBytes: number) {
    this.#sink = sink
    this.#maxHeadBytes = maxHeadBytes
  }

  /** Some of a head has come. */
  get hasPart(): boolean {
    return this.#split !== null || this.#emptyOctets > 0
  }

  /** Nothing is reported any more. */
  stop(): void {
    this.#state = stopped
    this.#split = null
  }

  /** Reads on at `from`. Returns where it stopped: behind a head, a request, or all that is there. */
  push(bytes: Buffer, from: number): number {
    switch (this.#state) {
      case inHead:
        return this.#readHead(bytes, from)
      case inFixed:
        return this.#readFixed(bytes, from)
      case inChunked:
        return this.#readChunked(bytes, from)
      default:
        return bytes.length
    }
  }

  #readHead(bytes: Buffer, from: number): number {
    if (this.#split === null) {
      const start = this.#skipEmpty(bytes, from)
      if (start === bytes.length || this.#state === stopped) return start
      const found = bytes.indexOf(headEnd, start)
      if (found !== -1) {
        const next = found + headEnd.length
        if (next - start > this.#maxHeadBytes) this.#fail(refuse('header_too_large', `${next - start} bytes`))
        else this.#takeHead(bytes.toString('latin1', start, found + 2))
        return next
      }
      this.#split = new SplitRequestHead(this.#maxHeadBytes)
      return this.#readSplit(this.#split, bytes, start)
    }
    return this.#readSplit(this.#split, bytes, from)
  }

  #readSplit(split: SplitRequestHead, bytes: Buffer, from: number): number {
    const next = split.take(bytes, from)
    if (split.refusal !== null) this.#fail(split.refusal)
    else if (split.text !== null) {
      this.#split = null
      this.#takeHead(split.text)
    }
    return next
  }

  /** Whole line ends only: a CR and an LF in turn. */
  #skipEmpty(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length) {
      const isOdd = (this.#emptyOctets & 1) === 1
      if (bytes[at] !== (isOdd ? lf : cr)) {
        if (isOdd) this.#fail(refuse('malformed_request', 'a bare CR before a request'))
        break
      }
      at += 1
      this.#emptyOctets += 1
      if (this.#emptyOctets <= maxEmptyOctets) continue
      this.#fail(refuse('malformed_request', 'empty lines instead of a request'))
      break
    }
    return at
  }

  #takeHead(text: string): void {
    this.#emptyOctets = 0
    const head = parseRequestHead(text)
    if ('kind' in head) {
      this.#fail(head)
      return
    }
    const { contentLength } = head
    if (contentLength === null) {
      this.#state = inChunked
      this.#chunked ??= new ChunkedDecoder()
      this.#chunked.reset()
    } else if (contentLength > 0) {
      this.#state = inFixed
      this.#remaining = contentLength
    }
    this.#sink.onRequestHead(head)
  }

  #readFixed(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#remaining)
    this.#remaining -= end - from
    if (this.#remaining === 0) this.#state = inHead
    this.#sink.onContent(bytes.subarray(from, end))
    if (this.#state === inHead) this.#sink.onRequestEnd()
    return end
  }

  #readChunked(bytes: Buffer, from: number): number {
    const decoder = this.#chunked as ChunkedDecoder
    const content = decoder.decode(bytes, from, bytes.length)
    const { done, problem, end } = decoder
    if (done) this.#state = inHead
    if (content !== null) this.#sink.onContent(content)
    if (this.#state === stopped) return end
    if (problem !== null) this.#fail(refuse('malformed_request', problem))
    else if (done) this.#sink.onRequestEnd()
    return end
  }

  #fail(refusal: Refusal): void {
    this.stop()
    this.#sink.onInvalid(refusal)
  }
}
