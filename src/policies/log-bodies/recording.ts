import type { MediaType } from './media-type.ts'

/** The beginning of a body, kept while the body passes. It holds `maxBytes` at most, however the chunks are cut. */
export class Recording {
  readonly media: MediaType
  /** How many bytes passed. */
  bytes = 0
  readonly #maxBytes: number
  #kept: Buffer = noBytes
  #length = 0
  #ended = false

  constructor(media: MediaType, maxBytes: number) {
    this.media = media
    this.#maxBytes = media.form === null ? 0 : maxBytes
  }

  /** Copies what it keeps: whoever takes the chunk after it may change it, or let go of it. */
  take(chunk: Uint8Array | null): void {
    if (chunk === null) {
      this.#ended = true
      return
    }
    this.bytes += chunk.length
    const wanted = Math.min(chunk.length, this.#maxBytes - this.#length)
    if (wanted <= 0) return
    this.#makeRoom(this.#length + wanted)
    this.#kept.set(chunk.subarray(0, wanted), this.#length)
    this.#length += wanted
  }

  get kept(): Uint8Array {
    return this.#kept.subarray(0, this.#length)
  }

  /** True where all of the body came and was kept. */
  get isWhole(): boolean {
    return this.#ended && this.#length === this.bytes
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#kept.length) return
    const grown = Buffer.alloc(Math.min(Math.max(needed, this.#kept.length * 2, 256), this.#maxBytes))
    grown.set(this.kept)
    this.#kept = grown
  }
}

const noBytes = Buffer.alloc(0)
