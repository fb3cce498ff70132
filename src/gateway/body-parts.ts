import { GrowingBytes } from './client/growing-bytes.ts'

const smallBytes = 1024

/**
 * The chunks of a body that is held. Small ones are copied together: a client may send a byte at a time, and a chunk of
 * its own costs hundreds.
 */
export class BodyParts {
  readonly #parts: Buffer[] = []
  readonly #small = new GrowingBytes()

  push(chunk: Buffer): void {
    if (this.#parts.length > 0 && chunk.length < smallBytes) this.#small.append(chunk, 0)
    else {
      this.#join()
      this.#parts.push(chunk)
    }
  }

  /** In order. Nothing may be pushed any more. */
  toList(): readonly Buffer[] {
    this.#join()
    return this.#parts
  }

  toBuffer(): Buffer {
    const parts = this.toList()
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }

  #join(): void {
    if (this.#small.length === 0) return
    this.#parts.push(this.#small.view())
    this.#small.clear()
  }
}
