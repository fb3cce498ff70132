import type { ClientStream } from './client-stream.ts'
import type { TransferWatch } from './transfer-watch.ts'

/** Handed to the client's stream at a time, so that a slow reader's progress shows in small steps. */
const stepBytes = 64 * 1024

/**
 * What the reader of an answer has not taken yet. It exists only for answers whose reader fell behind; everything in it
 * is counted against the memory that slow clients may use.
 */
export class AnswerBacklog {
  readonly #client: ClientStream
  readonly #watch: TransferWatch
  readonly #onRoom: () => void
  #chunks: Uint8Array[] = []
  #next = 0
  #bytes = 0
  /** The client's stream takes nothing before it has drained. */
  #blocked: boolean
  /** The upstream waits for room. */
  #full = false
  #end: { readonly trailers: readonly string[] | null } | null = null

  /**
   * @param ready whether the client's stream takes more at once
   * @param onRoom called when the upstream may go on
   */
  constructor(client: ClientStream, watch: TransferWatch, ready: boolean, onRoom: () => void) {
    this.#client = client
    this.#watch = watch
    this.#blocked = !ready
    this.#onRoom = onRoom
    client.onDrain(() => this.#drain())
  }

  get waits(): boolean {
    return this.#blocked
  }

  /** Returns false when the upstream should wait for `onRoom`. */
  push(chunk: Uint8Array): boolean {
    let at = 0
    while (at < chunk.length && !this.#blocked) {
      this.#blocked = !this.#client.write(chunk.subarray(at, at + stepBytes))
      at += stepBytes
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at))
    this.#full = this.#bytes >= this.#watch.answerBufferBytes
    return !this.#full
  }

  end(trailers: readonly string[] | null): void {
    this.#end = { trailers }
    if (this.#chunks.length === 0) this.#finish()
  }

  /** Forgets what is left. */
  clear(): void {
    this.#watch.release(this.#bytes)
    this.#chunks = []
    this.#bytes = 0
    this.#next = 0
    this.#end = null
    this.#full = false
  }

  #keep(rest: Uint8Array): void {
    for (let at = 0; at < rest.length; at += stepBytes) this.#chunks.push(rest.subarray(at, at + stepBytes))
    this.#bytes += rest.length
    this.#watch.hold(rest.length)
  }

  #drain(): void {
    this.#blocked = false
    while (!this.#blocked && this.#next < this.#chunks.length) this.#step()
    if (this.#next === this.#chunks.length) {
      this.#chunks = []
      this.#next = 0
      if (this.#end !== null) this.#finish()
    }
    if (this.#full && this.#bytes <= this.#watch.answerBufferBytes / 2) {
      this.#full = false
      this.#onRoom()
    }
  }

  #step(): void {
    const chunk = this.#chunks[this.#next] as Uint8Array
    this.#chunks[this.#next++] = noBytes
    this.#bytes -= chunk.length
    this.#watch.release(chunk.length)
    this.#blocked = !this.#client.write(chunk)
  }

  #finish(): void {
    const trailers = this.#end?.trailers ?? null
    this.#end = null
    this.#client.end(null, trailers)
  }
}

const noBytes = new Uint8Array(0)
