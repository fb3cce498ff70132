import { ChunkedDecoder } from '../http1/chunked-decoder.ts'
import type { AnswerFraming } from './dispatch.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'
import { headEnd, maxHeadBytes, SplitHead } from './split-head.ts'

/** Takes what an answer turns out to be. The parser may be stopped in any of these calls. */
export interface ResponseSink {
  onInterim(status: number, headers: string[]): void
  onAnswerHead(head: ResponseHead, framing: AnswerFraming): void
  /** At most once per read. The chunk is the receiver's own. */
  onContent(chunk: Buffer): void
  /** The answer is complete. `reusable`: the connection may carry another request. */
  onComplete(trailers: string[] | null, reusable: boolean): void
  /** 101: what follows is no HTTP any more. */
  onSwitch(head: ResponseHead, rest: Buffer): void
  /** These bytes are no answer, or one that nobody asked for. The parser has stopped. */
  onInvalid(detail: string): void
}

/** What the parser needs to know of the request: it decides on how the answer is framed. */
export interface ExpectedAnswer {
  readonly method: string
  /** The protocol to upgrade to, or null. */
  readonly upgrade: string | null
}

const maxInterims = 16

const idle = 0
const inHead = 1
const inFixed = 2
const inChunked = 3
const untilClose = 4
const stopped = 5

/** A strict incremental parser of the answers on one connection (RFC 9112): one `expect` for each request sent. */
export class ResponseParser {
  readonly #sink: ResponseSink
  readonly #chunked = new ChunkedDecoder()
  #state: number = idle
  #expected: ExpectedAnswer = { method: '', upgrade: null }
  #split: SplitHead | null = null
  #interims = 0
  #remaining = 0
  #keepsAlive = false

  constructor(sink: ResponseSink) {
    this.#sink = sink
  }

  /** A request is being sent. */
  expect(answer: ExpectedAnswer): void {
    this.#state = inHead
    this.#expected = answer
    this.#interims = 0
  }

  /** Nothing is reported any more. */
  stop(): void {
    this.#state = stopped
    this.#split = null
  }

  /** Reads `bytes` up to `length`. They may be overwritten afterwards. */
  push(bytes: Buffer, length: number): void {
    let at = 0
    while (at < length) {
      switch (this.#state) {
        case inHead:
          at = this.#readHead(bytes, at, length)
          break
        case inFixed:
          at = this.#readFixed(bytes, at, length)
          break
        case inChunked:
          at = this.#readChunked(bytes, at, length)
          break
        case untilClose:
          this.#sink.onContent(copy(bytes, at, length))
          return
        case idle:
          this.#fail('bytes that nobody asked for')
          return
        default:
          return
      }
    }
  }

  /** The target has closed its side. True where this is how the answer ends. */
  pushEnd(): boolean {
    if (this.#state !== untilClose) return false
    this.#complete(null, false)
    return true
  }

  #readHead(bytes: Buffer, from: number, length: number): number {
    if (this.#split === null) {
      const found = bytes.indexOf(headEnd, from)
      const next = found + headEnd.length
      // Behind `length` stands what earlier reads left.
      if (found !== -1 && next <= length) {
        if (next - from > maxHeadBytes) this.#fail(`a head over ${maxHeadBytes} bytes`)
        else this.#takeHead(bytes.toString('latin1', from, found + 2), bytes, next, length)
        return next
      }
      this.#split = new SplitHead()
    }
    const split = this.#split
    const next = split.take(bytes, from, length)
    if (split.problem !== null) this.#fail(split.problem)
    else if (split.text !== null) {
      this.#split = null
      this.#takeHead(split.text, bytes, next, length)
    }
    return next
  }

  /** @param next where the bytes behind the head start */
  #takeHead(text: string, bytes: Buffer, next: number, length: number): void {
    const head = parseResponseHead(text)
    if (typeof head === 'string') this.#fail(head)
    else if (head.status >= 200) this.#takeFinalHead(head, next === length)
    else if (head.chunked || (head.contentLength ?? 0) !== 0) this.#fail('content announced in an interim answer')
    else if (head.status === 101) this.#takeSwitch(head, bytes, next, length)
    else if (++this.#interims > maxInterims) this.#fail(`more than ${maxInterims} interim answers`)
    // 100 answers an Expect that is never sent.
    else if (head.status !== 100) this.#sink.onInterim(head.status, head.headers)
  }

  #takeSwitch(head: ResponseHead, bytes: Buffer, next: number, length: number): void {
    const { upgrade } = this.#expected
    if (upgrade === null) {
      this.#fail('a switch of protocols that nobody asked for')
    } else if (head.upgrade?.toLowerCase() !== upgrade.toLowerCase()) {
      this.#fail('a switch to another protocol than asked for')
    } else {
      this.#state = stopped
      this.#sink.onSwitch(head, copy(bytes, next, length))
    }
  }

  #takeFinalHead(head: ResponseHead, isAllRead: boolean): void {
    const { contentLength, chunked, status } = head
    const isHead = this.#expected.method === 'HEAD'
    const bare = isHead || status === 204 || status === 304
    this.#keepsAlive = head.keepsAlive
    if (bare) {
      // RFC 9110 sections 8.6 and 6.4.1: there is none. A target that sends it all the same would have it taken for the
      // answer to the next request, so such a connection gets none.
      if (status !== 304 && (chunked || (contentLength ?? 0) > 0)) this.#keepsAlive = false
      this.#state = inFixed
      this.#remaining = 0
    } else if (chunked) {
      this.#state = inChunked
      this.#chunked.reset()
    } else if (contentLength !== null) {
      this.#state = inFixed
      this.#remaining = contentLength
    } else {
      this.#state = untilClose
    }
    const length = bare ? 0 : contentLength
    this.#sink.onAnswerHead(head, { length, declaredLength: contentLength })
    if (this.#state === inFixed && this.#remaining === 0) this.#complete(null, isAllRead)
  }

  #readFixed(bytes: Buffer, at: number, length: number): number {
    const end = Math.min(length, at + this.#remaining)
    this.#remaining -= end - at
    this.#sink.onContent(copy(bytes, at, end))
    if (this.#remaining === 0 && this.#state === inFixed) this.#complete(null, end === length)
    return end
  }

  #readChunked(bytes: Buffer, at: number, length: number): number {
    const decoder = this.#chunked
    const content = decoder.decode(bytes, at, length)
    const { end } = decoder
    if (content !== null) this.#sink.onContent(content)
    if (this.#state !== inChunked) return end
    if (decoder.problem !== null) this.#fail(decoder.problem)
    else if (decoder.done) this.#complete(decoder.trailers, end === length)
    return end
  }

  /** @param isAllRead no bytes follow: more of them would be an answer that nobody asked for */
  #complete(trailers: string[] | null, isAllRead: boolean): void {
    const reusable = isAllRead && this.#keepsAlive
    this.#state = reusable ? idle : stopped
    this.#sink.onComplete(trailers, reusable)
  }

  #fail(detail: string): void {
    this.stop()
    this.#sink.onInvalid(detail)
  }
}

function copy(bytes: Buffer, start: number, end: number): Buffer {
  const own = Buffer.allocUnsafe(end - start)
  bytes.copy(own, 0, start, end)
  return own
}
