import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { ClientStream } from './client-stream.ts'

/** An HTTP/2 stream as a `ClientStream`. */
export class Http2Client implements ClientStream {
  readonly readable: ServerHttp2Stream
  readonly #isHead: boolean
  #trailers: readonly string[] | null = null
  #bodyless = false
  bytesSent = 0

  constructor(stream: ServerHttp2Stream, isHead: boolean) {
    this.readable = stream
    this.#isHead = isHead
  }

  sendContinue(): void {
    if (!this.readable.destroyed) this.readable.additionalHeaders({ ':status': 100 })
  }

  sendInterim(status: number, headers: readonly string[]): void {
    if (status !== 101 && !this.readable.destroyed) this.readable.additionalHeaders(toHeaders(status, headers))
  }

  sendHead(status: number, headers: string[], length: number | null): void {
    if (this.readable.destroyed) return
    if (length !== null && status !== 204 && status !== 304) headers.push('content-length', String(length))
    this.#bodyless = this.#isHead || status === 204 || status === 304 || length === 0
    const fields = toHeaders(status, headers)
    if (this.#bodyless) {
      this.readable.respond(fields, { endStream: true })
      return
    }
    this.readable.respond(fields, { waitForTrailers: true })
    this.readable.once('wantTrailers', () => this.readable.sendTrailers(toHeaders(null, this.#trailers ?? [])))
  }

  flush(): void {}

  write(chunk: Uint8Array): boolean {
    if (this.#bodyless || this.readable.destroyed) return true
    this.bytesSent += chunk.length
    return this.readable.write(chunk)
  }

  end(last: Uint8Array | string | null, trailers: readonly string[] | null): void {
    if (this.#bodyless || this.readable.destroyed) return
    this.#trailers = trailers
    if (last !== null) this.bytesSent += last.length
    if (last === null || last.length === 0) this.readable.end()
    else this.readable.end(last)
  }

  buffered(): number {
    return this.readable.writableLength
  }

  onDrain(callback: () => void): void {
    this.readable.once('drain', callback)
  }

  reset(): void {
    this.readable.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  /** The stream is told that its body is not wanted (RFC 9113 section 8.1); the connection goes on. */
  abandonBody(): void {
    const stream = this.readable
    stream.resume()
    stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
  }
}

function toHeaders(status: number | null, flat: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[] | number> = Object.create(null)
  if (status !== null) headers[':status'] = status
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    const value = flat[i + 1] as string
    const before = headers[name]
    if (before === undefined) headers[name] = value
    else if (Array.isArray(before)) before.push(value)
    else headers[name] = [String(before), value]
  }
  return headers
}
