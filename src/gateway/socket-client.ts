import { STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import type { ClientStream } from './client-stream.ts'
import { closeLingering } from './linger.ts'

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

  get complete(): boolean {
    return this.socket.writableFinished
  }

  sendContinue(): void {}

  sendInterim(): void {}

  sendHead(status: number, headers: string[], length: number | null): void {
    if (!this.socket.writable) return
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
    for (let i = 0; i < headers.length; i += 2) {
      const line = `${headers[i]}: ${headers[i + 1]}`
      if (!plainLine.test(line)) throw new Error(`a field that cannot be sent: ${headers[i]}`)
      head += `${line}\r\n`
    }
    if (status !== 101) {
      if (length !== null) head += `content-length: ${length}\r\n`
      head += `date: ${new Date().toUTCString()}\r\nconnection: close\r\n`
    }
    this.socket.write(`${head}\r\n`, 'latin1')
  }

  flush(): void {}

  write(chunk: Uint8Array): boolean {
    if (!this.socket.writable) return true
    this.bytesSent += chunk.length
    return this.socket.write(chunk)
  }

  end(last: Uint8Array | string | null): void {
    if (last !== null) this.write(typeof last === 'string' ? Buffer.from(last) : last)
    closeLingering(this.socket)
  }

  buffered(): number {
    return this.socket.writableLength
  }

  onDrain(callback: () => void): void {
    this.socket.on('drain', callback)
  }

  reset(): void {
    const { socket } = this
    if (socket instanceof Socket && !('encrypted' in socket)) socket.resetAndDestroy()
    else socket.destroy()
  }

  abandonBody(): void {}
}

// Latin-1 without controls: what Node's own writer would refuse for a response.
const plainLine = /^[\t\x20-\x7e\x80-\xff]*$/
