import type { Socket } from 'node:net'
import type { UpstreamFault, UpstreamRequest } from './dispatch.ts'
import { InvalidRequest, toLastChunk } from './request-head.ts'

/** Bodies up to this size leave in one string with the head: one system call, and no list of buffers. */
const joinedBytes = 16 * 1024

/** Writes requests onto one socket, and sees to it that a body is as long as it was declared, not a byte more or less. */
export class RequestWriter {
  readonly #socket: Socket
  #chunked = false
  #left = 0
  /** Nothing of the request is left to be written. */
  isDone = true
  /** The target does not take the body as fast as the client sends it. */
  isBlocked = false
  /** Why the request cannot be ended as it began: the connection is of no use any more. */
  problem: UpstreamFault | null = null

  constructor(socket: Socket) {
    this.#socket = socket
  }

  begin(head: string, body: UpstreamRequest['body']): void {
    this.isBlocked = false
    this.isDone = true
    if (body === 'none') {
      this.#socket.write(head, 'latin1')
    } else if (Buffer.isBuffer(body)) {
      this.#writeWhole(head, body)
    } else {
      this.isDone = false
      this.#chunked = body.length === null
      this.#left = body.length ?? Number.POSITIVE_INFINITY
      this.#socket.write(head, 'latin1')
    }
  }

  /** Returns false when writing should wait until the socket has drained. */
  write(chunk: Buffer): boolean {
    if (chunk.length > this.#left) {
      this.problem = { code: 'malformed_request', detail: 'a body longer than declared' }
      return true
    }
    // In the chunked coding a chunk without content would be the last one.
    if (chunk.length === 0) return !this.isBlocked
    this.#left -= chunk.length
    const isReady = this.#chunked ? this.#writeChunk(chunk) : this.#socket.write(chunk)
    if (!isReady) this.isBlocked = true
    return isReady
  }

  end(trailers: readonly string[] | null): void {
    if (this.#chunked) this.#writeLastChunk(trailers)
    else if (this.#left > 0) {
      this.problem = { code: 'body_incomplete', detail: `${this.#left} bytes of the declared body are missing` }
    }
    this.isDone = true
  }

  #writeWhole(head: string, body: Buffer): void {
    const socket = this.#socket
    if (body.length <= joinedBytes) {
      socket.write(head + body.toString('latin1'), 'latin1')
      return
    }
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }

  #writeChunk(chunk: Buffer): boolean {
    const socket = this.#socket
    socket.cork()
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    socket.write(chunk)
    const isReady = socket.write('\r\n', 'latin1')
    socket.uncork()
    return isReady
  }

  #writeLastChunk(trailers: readonly string[] | null): void {
    try {
      this.#socket.write(toLastChunk(trailers), 'latin1')
    } catch (error) {
      if (!(error instanceof InvalidRequest)) throw error
      this.problem = { code: 'malformed_request', detail: error.message }
    }
  }
}
