import { STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import type { ClientStream } from './client-stream.ts'

/** How long a client may take to close its side after the answer. */
const lingerMs = 2_000

/**
 * A bare socket as a `ClientStream`: for upgrade handshakes, and for answers to bytes that never became a request.
 * The connection ends with the answer unless it was an upgrade.
 */
export class SocketClient implements ClientStream {
  readonly readable = Readable.from([])
  readonly socket: Duplex
  bytesSent = 0

  constructor(socket: Duplex) {
    this.socket = socket
  }

  sendContinue(): void {}

  sendInterim(): void {}

  sendHead(status: number, headers: string[], length: number | null): void {
    if (!this.socket.writable) return
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
    if (status !== 101) {
      if (length !== null) head += `content-length: ${length}\r\n`
      head += `date: ${new Date().toUTCString()}\r\nconnection: close\r\n`
    }
    this.#write(Buffer.from(`${head}\r\n`, 'latin1'))
  }

  flush(): void {}

  write(chunk: Uint8Array): boolean {
    return this.#write(chunk)
  }

  end(last: Uint8Array | string | null): void {
    if (last !== null) this.#write(typeof last === 'string' ? Buffer.from(last) : last)
    this.socket.end()
    // Nobody else reads this socket: without it the other side's end would never be seen.
    this.socket.resume()
    if (this.socket instanceof Socket) this.socket.setTimeout(lingerMs, () => this.socket.destroy())
  }

  buffered(): number {
    return this.socket.writableLength
  }

  onDrain(callback: () => void): void {
    this.socket.once('drain', callback)
  }

  reset(): void {
    this.socket.destroy()
  }

  abandonBody(): void {}

  #write(bytes: Uint8Array): boolean {
    if (!this.socket.writable) return true
    this.bytesSent += bytes.length
    return this.socket.write(bytes)
  }
}
