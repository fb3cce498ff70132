import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { failed, maxReplyBytes, parseReply } from './clamd-reply.ts'
import type { Scan, Verdict } from './scanner.ts'

const command = Buffer.from('zINSTREAM\0')
const lastChunk = Buffer.alloc(4)
/** clamd refuses chunks that are longer than its limit for the stream, which is never so short. */
const maxChunkBytes = 256 * 1024

/** One connection, one file: `zINSTREAM`, chunks with their length in front, an empty one, the answer. */
export class ClamdScan implements Scan {
  readonly #timeoutMs: number
  readonly #socket: Socket
  readonly #verdict = Promise.withResolvers<Verdict>()
  #settled: Verdict | null = null
  #received = Buffer.alloc(0)
  #timer: NodeJS.Timeout | null = null

  constructor(address: NetConnectOpts, timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#socket = connect(address)
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#settle(failed(error.code ?? error.message)))
    this.#socket.on('close', () => this.#settle(failed('it closed the connection without an answer')))
    this.#socket.write(command)
  }

  async write(bytes: Buffer): Promise<Verdict | null> {
    for (let at = 0; at < bytes.length && this.#settled === null; at += maxChunkBytes) {
      const chunk = bytes.subarray(at, at + maxChunkBytes)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(chunk.length)
      this.#socket.write(length)
      await this.#send(Buffer.from(chunk))
    }
    return this.#settled
  }

  async end(): Promise<Verdict> {
    await this.#send(lastChunk)
    return this.#within(this.#verdict.promise)
  }

  close(): void {
    this.#settle(failed('the file broke off'))
    this.#socket.destroy()
  }

  #send(bytes: Buffer): Promise<unknown> {
    if (this.#settled !== null) return this.#verdict.promise
    const sent = new Promise<void>((resolve) => void this.#socket.write(bytes, () => resolve()))
    return this.#within(Promise.race([sent, this.#verdict.promise]))
  }

  /** What takes longer than the time limit is a failure. */
  #within<T>(pending: Promise<T>): Promise<T> {
    if (this.#settled !== null) return pending
    this.#timer = setTimeout(() => this.#settle(failed(`nothing within ${this.#timeoutMs} ms`)), this.#timeoutMs)
    return pending.finally(() => {
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = null
    })
  }

  #take(bytes: Buffer): void {
    if (this.#received.length <= maxReplyBytes) this.#received = Buffer.concat([this.#received, bytes])
    const verdict = parseReply(this.#received)
    if (verdict !== null) this.#settle(verdict)
  }

  #settle(verdict: Verdict): void {
    if (this.#settled !== null) return
    this.#settled = verdict
    this.#verdict.resolve(verdict)
    this.#socket.destroy()
  }
}
