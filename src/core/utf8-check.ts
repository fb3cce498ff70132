const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Tells whether bytes that come in chunks are UTF-8 (RFC 3629), as fast as the runtime decodes. */
export class Utf8Check {
  /** The beginning of a character whose rest comes with the next chunk. */
  readonly #held = new Uint8Array(4)
  #heldLength = 0

  /** False from the first byte on that is not. */
  write(bytes: Uint8Array): boolean {
    let from = 0
    if (this.#heldLength > 0) {
      const wanted = lengthOf(this.#held[0] as number)
      from = Math.min(wanted - this.#heldLength, bytes.length)
      this.#held.set(bytes.subarray(0, from), this.#heldLength)
      this.#heldLength += from
      if (this.#heldLength < wanted) return true
      this.#heldLength = 0
      if (!isUtf8(this.#held.subarray(0, wanted))) return false
    }
    const to = findCut(bytes, from)
    this.#held.set(bytes.subarray(to))
    this.#heldLength = bytes.length - to
    return isUtf8(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to))
  }

  /** Whether the last character is whole. */
  end(): boolean {
    return this.#heldLength === 0
  }

  restart(): void {
    this.#heldLength = 0
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Where a character begins that the chunk does not hold to its end. */
function findCut(bytes: Uint8Array, from: number): number {
  const end = bytes.length
  for (let at = end - 1; at >= from && at >= end - 3; at--) {
    const length = lengthOf(bytes[at] as number)
    if (length > 0) return at + length > end ? at : end
  }
  return end
}

/** Of the character that begins with the byte; 0 where none does. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1
  if (byte < 0xc2 || byte > 0xf4) return 0
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
}
