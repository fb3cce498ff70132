import { constants, type ServerHttp2Stream } from 'node:http2'
import type { BodySink, BodySource } from './body-source.ts'
import type { ClientStream } from './client-stream.ts'

/** An HTTP/2 stream as a `ClientStream`. */
export class Http2Client implements ClientStream {
  readonly body: BodySource
  readonly #stream: ServerHttp2Stream
  readonly #isHead: boolean
  #trailers: readonly string[] | null = null
  #bodyless = false
  #abandoned = false
  bytesSent = 0

  constructor(stream: ServerHttp2Stream, isHead: boolean) {
    this.#stream = stream
    this.body = new StreamBody(stream)
    this.#isHead = isHead
  }

  get complete(): boolean {
    const { writableFinished, writableEnded, writableLength, rstCode } = this.#stream
    // A client that closes its connection on the last frame is quicker than the stream's `finish`.
    return (writableFinished || (writableEnded && writableLength === 0)) && rstCode === constants.NGHTTP2_NO_ERROR
  }

  sendContinue(): void {
    this.#inform({ ':status': 100 })
  }

  sendInterim(status: number, headers: readonly string[]): void {
    if (status !== 101) this.#inform({ ':status': status, ...toRecord(headers) })
  }

  sendHead(status: number, headers: string[], length: number | null): void {
    const stream = this.#stream
    if (isClosed(stream)) return
    if (length !== null && status !== 204 && status !== 304) headers.push('content-length', String(length))
    this.#bodyless = this.#isHead || status === 204 || status === 304 || length === 0
    headers.unshift(':status', String(status))
    if (this.#bodyless) {
      stream.respond(headers, { endStream: true })
      if (this.#abandoned) stream.close(constants.NGHTTP2_NO_ERROR)
      return
    }
    // What declares its length has no trailers, and asking for them costs a round through the event loop.
    stream.respond(headers, { waitForTrailers: length === null })
    if (length === null) stream.once('wantTrailers', () => this.#sendTrailers())
  }

  flush(): void {}

  write(chunk: Uint8Array): boolean {
    if (this.#bodyless || !this.#stream.writable) return true
    this.bytesSent += chunk.length
    return this.#stream.write(chunk)
  }

  end(last: Uint8Array | string | null, trailers: readonly string[] | null): void {
    const stream = this.#stream
    if (this.#bodyless || !stream.writable) return
    this.#trailers = trailers
    if (last !== null) this.bytesSent += last.length
    if (this.#abandoned) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
    if (last === null || last.length === 0) stream.end()
    else stream.end(last)
  }

  buffered(): number {
    return this.#stream.writableLength
  }

  onDrain(callback: () => void): void {
    this.#stream.on('drain', callback)
  }

  /** Not `close`, which ends the writable side first: the client would see an orderly end before the reset. */
  reset(): void {
    this.#stream.destroy(new Error('the answer was cut'))
  }

  /** The stream is told that its body is not wanted (RFC 9113 section 8.1); the connection goes on. */
  abandonBody(): void {
    this.#abandoned = true
  }

  #inform(fields: Record<string, number | string | string[]>): void {
    const stream = this.#stream
    if (isClosed(stream) || stream.headersSent) return
    try {
      stream.additionalHeaders(fields)
    } catch {
      // A field that cannot be sent: the final answer says all that matters.
    }
  }

  #sendTrailers(): void {
    if (isClosed(this.#stream)) return
    try {
      this.#stream.sendTrailers(toRecord(this.#trailers ?? []))
    } catch {
      this.#stream.sendTrailers({})
    }
  }
}

/** An HTTP/2 stream as a `BodySource`. */
class StreamBody implements BodySource {
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream
  }

  start(sink: BodySink): void {
    this.#stream.on('data', (chunk: Buffer) => sink.onSourceChunk(chunk))
    this.#stream.once('end', () => sink.onSourceEnd())
    this.#stream.on('error', () => sink.onSourceFault('the client broke off', 'body_incomplete'))
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  discard(): void {
    this.#stream.resume()
  }
}

/** A stream that the client has reset is closed before it is destroyed. */
function isClosed(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed
}

function toRecord(flat: readonly string[]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    const value = flat[i + 1] as string
    const before = fields[name]
    if (before === undefined) fields[name] = value
    else if (Array.isArray(before)) before.push(value)
    else fields[name] = [before, value]
  }
  return fields
}
