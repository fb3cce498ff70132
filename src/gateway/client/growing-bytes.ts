const firstBytes = 1024
const none = Buffer.alloc(0)

/**
 * Bytes that wait, in memory that grows with them. Who adds to them keeps them bounded. Nothing is ever overwritten:
 * what was looked at may be kept.
 */
export class GrowingBytes {
  #bytes: Buffer = none
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  append(bytes: Buffer, from: number): void {
    const added = bytes.length - from
    if (this.#end + added > this.#bytes.length) this.#grow(this.length + added)
    this.#end += bytes.copy(this.#bytes, this.#end, from)
  }

  view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** Forgets so many of the first bytes. */
  skip(count: number): void {
    this.#start += count
    if (this.#start === this.#end) this.clear()
  }

  clear(): void {
    this.#bytes = none
    this.#start = 0
    this.#end = 0
  }

  #grow(needed: number): void {
    let size = firstBytes
    while (size < needed) size *= 2
    const larger = Buffer.allocUnsafeSlow(size)
    this.#end = this.#bytes.copy(larger, 0, this.#start, this.#end)
    this.#start = 0
    this.#bytes = larger
  }
}
