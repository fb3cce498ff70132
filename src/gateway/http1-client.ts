import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ClientStream } from './client-stream.ts'

/** How long, and for how many bytes, a refused upload is still read so that the client gets to see the refusal. */
const lingerMs = 2_000
const lingerBytes = 4 * 1024 * 1024

/** An HTTP/1.1 request and its response as a `ClientStream`. */
export class Http1Client implements ClientStream {
  readonly readable: IncomingMessage
  readonly #response: ServerResponse
  bytesSent = 0

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.readable = request
    this.#response = response
  }

  sendContinue(): void {
    this.#response.writeContinue()
  }

  sendInterim(status: number, headers: readonly string[]): void {
    // Node writes no 1xx but 100, 102 and 103; the others say nothing that must arrive.
    if (status !== 103) return
    const link = headers.filter((_, i) => i % 2 === 1 && headers[i - 1] === 'link')
    if (link.length > 0) this.#response.writeEarlyHints({ link })
  }

  sendHead(status: number, headers: string[], length: number | null): void {
    if (length !== null && status !== 204 && status !== 304) headers.push('content-length', String(length))
    // biome-ignore lint/suspicious/noExplicitAny: the declaration lacks the flat form, which is documented
    this.#response.writeHead(status, headers as any)
  }

  flush(): void {
    this.#response.flushHeaders()
  }

  write(chunk: Uint8Array): boolean {
    this.bytesSent += chunk.length
    return this.#response.write(chunk)
  }

  end(last: Uint8Array | string | null, trailers: readonly string[] | null): void {
    if (trailers !== null) this.#response.addTrailers(toPairs(trailers))
    if (last === null || last.length === 0) {
      this.#response.end()
      return
    }
    this.bytesSent += last.length
    this.#response.end(last)
  }

  buffered(): number {
    return this.#response.writableLength
  }

  onDrain(callback: () => void): void {
    this.#response.once('drain', callback)
  }

  reset(): void {
    this.readable.socket.destroy()
  }

  abandonBody(): void {
    this.#response.shouldKeepAlive = false
    const socket = this.readable.socket
    socket.destroySoon = () => closeLingering(socket)
  }
}

/**
 * Half-closes and goes on reading for a short while: a connection that is closed with unread bytes is reset, and the
 * reset can overtake the answer (RFC 9112 section 9.6).
 */
function closeLingering(socket: Socket): void {
  const startedWith = socket.bytesRead
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('data', () => {
    if (socket.bytesRead - startedWith > lingerBytes) socket.destroy()
  })
  socket.end()
  socket.resume()
}

function toPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string])
  return pairs
}
