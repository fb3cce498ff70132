import type { BodySink, BodySource } from '../body-source.ts'
import type { GatewayCarrier } from '../carrier.ts'
import type { Released, TunnelClient } from '../client-stream.ts'
import { toFieldLines, toLastChunk } from './answer-fields.ts'
import type { ClientLine } from './client-line.ts'
import type { RequestHead } from './request-head.ts'
import { toStatusLine } from './status-line.ts'
import { writeAround } from './write-around.ts'

/** One request over HTTP/1 and its answer, as the carrier sees them. */
export class Http1Client implements TunnelClient, BodySource {
  readonly #line: ClientLine
  readonly #isHead: boolean
  readonly #minor: number
  carrier: GatewayCarrier | null = null
  /** The connection may carry another request when this one is answered. */
  keepsAlive: boolean
  bytesSent = 0
  #complete = false
  #isTunnel = false
  #onDrain: (() => void) | null = null
  /** Written as far as it goes, or gone: nothing may be written any more. */
  #over = false
  /** The head, until there is something that it leaves with. */
  #head = ''
  #hasHead = false
  #bodyless = false
  #chunked = false
  #left = 0

  constructor(line: ClientLine, { method, minor, keepsAlive }: Pick<RequestHead, 'method' | 'minor' | 'keepsAlive'>) {
    this.#line = line
    this.#isHead = method === 'HEAD'
    this.#minor = minor
    this.keepsAlive = keepsAlive
  }

  get body(): BodySource {
    return this
  }

  /** The answer was written to its end. */
  get isAnswered(): boolean {
    return this.#over
  }

  get complete(): boolean {
    return this.#isTunnel ? this.#line.socket.writableFinished : this.#complete
  }

  // Called by the connection

  /** Nothing may be done any more: the answer has left, or the connection is gone. */
  close(complete: boolean): void {
    this.#over = true
    this.#complete = complete
    this.carrier?.onClose()
  }

  takeDrain(): void {
    if (!this.#over) this.#onDrain?.()
  }

  // BodySource

  start(sink: BodySink): void {
    if (this.#over) sink.onSourceFault('the exchange is over', 'body_incomplete')
    else this.#line.startBody(sink)
  }

  pause(): void {
    if (!this.#over) this.#line.pauseBody()
  }

  resume(): void {
    if (!this.#over) this.#line.resumeBody()
  }

  /** What becomes of the rest is the connection's business. */
  discard(): void {}

  // ClientStream

  sendContinue(): void {
    this.sendInterim(100, [])
  }

  sendInterim(status: number, headers: readonly string[]): void {
    // RFC 9110 section 15.2: clients of HTTP/1.0 know no interim answers.
    if (this.#over || this.#hasHead || this.#minor === 0) return
    try {
      this.#line.socket.write(`${toStatusLine(status)}${toFieldLines(headers)}\r\n`, 'latin1')
    } catch {
      // A field that cannot be sent: the final answer says all that matters.
    }
  }

  sendHead(status: number, headers: string[], length: number | null): void {
    if (this.#over) return
    const bare = status === 204 || status === 304
    this.#bodyless = bare || this.#isHead
    this.#left = length ?? Number.POSITIVE_INFINITY
    let framing = ''
    if (length !== null) {
      if (!bare) framing = `content-length: ${length}\r\n`
    } else if (!this.#bodyless) {
      // RFC 9112 section 6.3: in HTTP/1.0 the end of the connection is the end of the answer.
      if (this.#minor === 0) this.keepsAlive = false
      else {
        this.#chunked = true
        framing = 'transfer-encoding: chunked\r\n'
      }
    }
    if (this.#line.closing) this.keepsAlive = false
    const end = this.#line.toHeadEnd(this.keepsAlive, hasDate(headers))
    this.#head = `${toStatusLine(status)}${toFieldLines(headers)}${framing}${end}`
    this.#hasHead = true
  }

  flush(): void {
    if (!this.#over && this.#head !== '') this.#line.socket.write(this.#takeHead(), 'latin1')
  }

  write(chunk: Uint8Array): boolean {
    if (this.#over || this.#bodyless || chunk.length === 0) return true
    this.bytesSent += chunk.length
    this.#left -= chunk.length
    if (this.#left < 0) return this.#cut()
    const { socket } = this.#line
    const before = this.#takeHead()
    if (!this.#chunked) return writeAround(socket, before, chunk, '')
    return writeAround(socket, `${before}${chunk.length.toString(16)}\r\n`, chunk, '\r\n')
  }

  end(last: Uint8Array | string | null, trailers: readonly string[] | null): void {
    if (this.#over) return
    const bytes = this.#bodyless || last === null ? noBytes : typeof last === 'string' ? Buffer.from(last) : last
    this.bytesSent += bytes.length
    this.#left -= bytes.length
    if (!this.#bodyless && this.#left !== 0 && this.#left !== Number.POSITIVE_INFINITY) {
      this.#cut()
      return
    }
    const hasCoding = this.#chunked && !this.#bodyless
    const before = this.#takeHead()
    const { socket, onTaken } = this.#line
    const taken = onTaken ?? undefined
    if (!hasCoding) writeAround(socket, before, bytes, '', taken)
    else if (bytes.length === 0) writeAround(socket, before, bytes, toLastChunk(trailers), taken)
    else {
      const size = bytes.length.toString(16)
      writeAround(socket, `${before}${size}\r\n`, bytes, `\r\n${toLastChunk(trailers)}`, taken)
    }
    this.#over = true
    this.#line.onAnswerEnd()
  }

  buffered(): number {
    return this.#complete ? 0 : this.#line.socket.writableLength
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback
  }

  reset(): void {
    if (!this.#complete) this.#line.cut()
  }

  abandonBody(): void {
    this.keepsAlive = false
  }

  openTunnel(headers: readonly string[], protocol: string): Released {
    const own = `connection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`
    this.#line.socket.write(`${toStatusLine(101)}${toFieldLines(headers)}${own}`, 'latin1')
    this.#over = true
    this.#isTunnel = true
    return this.#line.release()
  }

  #takeHead(): string {
    const head = this.#head
    this.#head = ''
    return head
  }

  /** An answer that is not as long as it says would have the next one misread. */
  #cut(): boolean {
    this.#line.cut()
    return true
  }
}

const noBytes = new Uint8Array(0)

function hasDate(flat: readonly string[]): boolean {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === 'date') return true
  return false
}
