export const maxHeadBytes = 64 * 1024

export const headEnd = Buffer.from('\r\n\r\n')
const start = Buffer.from('HTTP/1.')
const lf = 0x0a
const cr = 0x0d

/** Collects a head that does not come in one read. */
export class SplitHead {
  /** The head up to and with the line end of its last field, once it is complete. */
  text: string | null = null
  problem: string | null = null
  readonly #bytes = Buffer.allocUnsafe(maxHeadBytes)
  #length = 0

  /** Takes `bytes` from `from` to `to`. Returns where it stopped: behind the head when that is complete. */
  take(bytes: Buffer, from: number, to: number): number {
    const before = this.#length
    this.#length += bytes.copy(this.#bytes, before, from, to)
    const found = this.#bytes.subarray(0, this.#length).indexOf(headEnd, Math.max(0, before - 3))
    if (found !== -1) {
      this.text = this.#bytes.toString('latin1', 0, found + 2)
      return from + found + headEnd.length - before
    }
    if (this.#length === maxHeadBytes) this.problem = `a head over ${maxHeadBytes} bytes`
    else if (!this.#startsWell()) this.problem = 'not an HTTP/1 status line'
    else if (this.#hasBareLf(before)) this.problem = 'a bare LF in the head'
    return to
  }

  /** What cannot become a head is refused before all of it has come: it may never end. */
  #startsWell(): boolean {
    const compared = Math.min(start.length, this.#length)
    return this.#bytes.compare(start, 0, compared, 0, compared) === 0
  }

  #hasBareLf(from: number): boolean {
    for (let i = from; i < this.#length; i++) {
      if (this.#bytes[i] === lf && (i === 0 || this.#bytes[i - 1] !== cr)) return true
    }
    return false
  }
}
