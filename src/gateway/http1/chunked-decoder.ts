import { ChunkExtension } from './chunk-extension.ts'
import { cr, lf } from './octets.ts'
import { parseTrailers } from './trailers.ts'

const size = 0
const extension = 1
const sizeEnd = 2
const data = 3
const dataEnd = 4
const dataEndLf = 5
const trailer = 6

const semicolon = 0x3b

/** A size of more digits would not be an exact number. */
const maxSizeDigits = 13
/** All extensions of one body together: each may cost a chunk's worth of reading for a byte of content. */
const maxExtensionBytes = 16 * 1024
const maxTrailerBytes = 16 * 1024

const hexValues = new Int8Array(256).fill(-1)
for (let i = 0; i < 16; i++) {
  hexValues[i.toString(16).charCodeAt(0)] = i
  hexValues[i.toString(16).toUpperCase().charCodeAt(0)] = i
}

/** Decodes a chunked body (RFC 9112 section 7.1) that comes in any pieces. */
export class ChunkedDecoder {
  /** Set once the last chunk and the trailers were read. */
  done = false
  /** What is wrong with the coding; nothing may be decoded any more. */
  problem: string | null = null
  trailers: string[] | null = null
  /** Where the last `decode` stopped: behind the body where it is done. */
  end = 0
  #state: number = size
  #size = 0
  #digits = 0
  #extensionBytes = 0
  readonly #extension = new ChunkExtension()
  #trailer = ''
  #line = 0
  #afterCr = false

  reset(): void {
    this.done = false
    this.problem = null
    this.trailers = null
    this.#state = size
    this.#size = 0
    this.#digits = 0
    this.#extensionBytes = 0
    this.#trailer = ''
    this.#line = 0
    this.#afterCr = false
  }

  /** The content in `bytes` from `start` to `length`, in memory of its own; null when there is none. */
  decode(bytes: Buffer, start: number, length: number): Buffer | null {
    let content: Buffer | null = null
    let filled = 0
    let at = start
    while (at < length && !this.done && this.problem === null) {
      if (this.#state !== data) {
        this.#takeOctet(bytes[at++] as number)
        continue
      }
      const count = Math.min(this.#size, length - at)
      content ??= Buffer.allocUnsafe(length - at)
      bytes.copy(content, filled, at, at + count)
      filled += count
      at += count
      this.#size -= count
      if (this.#size === 0) this.#state = dataEnd
    }
    this.end = at
    if (content === null) return null
    return filled === content.length ? content : content.subarray(0, filled)
  }

  #takeOctet(octet: number): void {
    switch (this.#state) {
      case size:
        this.#takeSize(octet)
        return
      case extension:
        this.#takeExtension(octet)
        return
      case sizeEnd:
        if (octet !== lf) this.problem = 'a bare CR after a chunk size'
        else this.#state = this.#size === 0 ? trailer : data
        return
      case dataEnd:
        if (octet !== cr) this.problem = 'a chunk longer than its size'
        else this.#state = dataEndLf
        return
      case dataEndLf:
        if (octet !== lf) this.problem = 'a bare CR after a chunk'
        this.#state = size
        this.#digits = 0
        return
      default:
        this.#takeTrailer(octet)
    }
  }

  #takeSize(octet: number): void {
    const value = hexValues[octet] as number
    if (value !== -1) {
      this.#digits += 1
      if (this.#digits > maxSizeDigits) this.problem = 'a chunk size that is too large'
      this.#size = this.#size * 16 + value
    } else if (this.#digits === 0) this.problem = 'an invalid chunk size'
    else if (octet === cr) this.#state = sizeEnd
    else if (octet === semicolon) {
      this.#state = extension
      this.#extension.begin()
    } else this.problem = 'an invalid chunk size'
  }

  #takeExtension(octet: number): void {
    this.#extensionBytes += 1
    if (octet === cr && this.#extension.mayEnd) this.#state = sizeEnd
    else if (!this.#extension.take(octet)) this.problem = 'an invalid chunk extension'
    else if (this.#extensionBytes > maxExtensionBytes) this.problem = 'chunk extensions that are too long'
  }

  #takeTrailer(octet: number): void {
    if (this.#afterCr) {
      if (octet !== lf) this.problem = 'a bare CR in the trailers'
      else this.#endLine()
      return
    }
    if (octet === cr) this.#afterCr = true
    else if (octet === lf) this.problem = 'a bare LF in the trailers'
    else {
      this.#line += 1
      this.#trailer += String.fromCharCode(octet)
      if (this.#trailer.length > maxTrailerBytes) this.problem = 'trailers that are too long'
    }
  }

  #endLine(): void {
    this.#afterCr = false
    if (this.#line > 0) {
      this.#line = 0
      this.#trailer += '\r\n'
      return
    }
    const trailers = this.#trailer === '' ? null : parseTrailers(this.#trailer)
    if (typeof trailers === 'string') this.problem = trailers
    else {
      this.trailers = trailers
      this.done = true
    }
  }
}
