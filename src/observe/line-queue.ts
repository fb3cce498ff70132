/** What may wait for a destination that does not keep up. */
const maxHeldBytes = 16 * 1024 * 1024

/** Lines that wait to be written, put together as they will be: whole lines only, up to a number of bytes. */
export class LineQueue {
  readonly #chunks: string[] = []
  #last = ''
  #lastBytes = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** Returns whether there was room for the line. */
  add(line: string, maxChunkBytes: number): boolean {
    const bytes = Buffer.byteLength(line)
    if (this.#bytes + bytes > maxHeldBytes) return false
    if (this.#lastBytes + bytes > maxChunkBytes) this.#cut()
    this.#last += line
    this.#lastBytes += bytes
    this.#bytes += bytes
    return true
  }

  /** The oldest lines, which are the caller's from now on. */
  take(): Buffer | null {
    if (this.#chunks.length === 0) this.#cut()
    const text = this.#chunks.shift()
    if (text === undefined) return null
    const chunk = Buffer.from(text)
    this.#bytes -= chunk.length
    return chunk
  }

  #cut(): void {
    if (this.#last !== '') this.#chunks.push(this.#last)
    this.#last = ''
    this.#lastBytes = 0
  }
}
