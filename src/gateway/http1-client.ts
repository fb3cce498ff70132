import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { ClientStream } from './client-stream.ts'
import { closeLingering } from './linger.ts'

/** Bodies up to this size leave in one write with the head. */
const joinedBytes = 16 * 1024

/** Whether the listener takes no further requests, so that answers say so. */
export interface Closing {
  readonly closing: boolean
}

/** An HTTP/1 request and its response as a `ClientStream`. */
export class Http1Client implements ClientStream {
  readonly readable: IncomingMessage
  readonly #response: ServerResponse
  readonly #listener: Closing
  bytesSent = 0

  constructor(request: IncomingMessage, response: ServerResponse, listener: Closing) {
    this.readable = request
    this.#response = response
    this.#listener = listener
  }

  get complete(): boolean {
    return this.#response.writableFinished
  }

  sendContinue(): void {
    if (this.#takesInterim()) this.#response.writeContinue()
  }

  sendInterim(status: number, headers: readonly string[]): void {
    if (!this.#takesInterim()) return
    try {
      // Since Node 26.2.
      this.#response.writeInformation?.(status, headers)
    } catch {
      // A field that cannot be sent: the final answer says all that matters.
    }
  }

  sendHead(status: number, headers: string[], length: number | null): void {
    const response = this.#response
    if (length !== null && status !== 204 && status !== 304) headers.push('content-length', String(length))
    if (this.#listener.closing) response.shouldKeepAlive = false
    // biome-ignore lint/suspicious/noExplicitAny: the declaration lacks the flat form, which is documented
    response.writeHead(status, headers as any)
  }

  flush(): void {
    this.#response.flushHeaders()
  }

  write(chunk: Uint8Array): boolean {
    this.bytesSent += chunk.length
    return this.#response.write(chunk)
  }

  end(last: Uint8Array | string | null, trailers: readonly string[] | null): void {
    const response = this.#response
    if (trailers !== null) addTrailers(response, trailers)
    if (last === null || last.length === 0) {
      response.end()
      return
    }
    this.bytesSent += last.length
    // Head and body as one string are one system call; a buffer makes it a vector of two, which costs more.
    if (Buffer.isBuffer(last) && last.length <= joinedBytes) response.end(last.toString('latin1'), 'latin1')
    else response.end(last)
  }

  buffered(): number {
    return this.#response.writableLength
  }

  onDrain(callback: () => void): void {
    this.#response.on('drain', callback)
  }

  reset(): void {
    const { socket } = this.readable
    // Where the end of the connection is the end of the answer, an orderly one would make it look complete.
    if ((socket as TLSSocket).encrypted) socket.destroy()
    else socket.resetAndDestroy()
  }

  abandonBody(): void {
    this.#response.shouldKeepAlive = false
    const { socket } = this.readable
    socket.destroySoon = () => closeLingering(socket)
  }

  /** RFC 9110 section 15.2: clients of HTTP/1.0 know no interim answers. */
  #takesInterim(): boolean {
    return !this.#response.headersSent && this.readable.httpVersionMinor > 0
  }
}

function addTrailers(response: ServerResponse, flat: readonly string[]): void {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string])
  try {
    response.addTrailers(pairs)
  } catch {
    // As with interim answers.
  }
}
