import { type Refusal, refuse } from '../../core/decision.ts'
import { cr, lf, space, tokenOctets, valueOctets } from '../http1/octets.ts'
import { GrowingBytes } from './growing-bytes.ts'

export const headEnd = Buffer.from('\r\n\r\n')

/** Collects the head of a request that does not come in one read. */
export class SplitRequestHead {
  /** The head up to and with the line end of its last field, once it is complete. */
  text: string | null = null
  refusal: Refusal | null = null
  readonly #bytes = new GrowingBytes()
  readonly #maxBytes: number
  #checked = 0
  #inMethod = true

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes bytes from `from` on. Returns where it stopped: behind the head when that is complete. */
  take(bytes: Buffer, from: number): number {
    const before = this.#bytes.length
    this.#bytes.append(bytes, from)
    const all = this.#bytes.view()
    const found = all.indexOf(headEnd, Math.max(0, before - 3))
    const length = found === -1 ? all.length : found + headEnd.length
    if (length > this.#maxBytes) this.refusal = refuse('header_too_large', `more than ${this.#maxBytes} bytes`)
    else if (found !== -1) {
      this.text = all.toString('latin1', 0, found + 2)
      return from + length - before
    } else this.#check(all)
    return bytes.length
  }

  /** What cannot become a head is refused before all of it has come: it may never end. */
  #check(all: Buffer): void {
    for (let i = this.#checked; i < all.length; i++) {
      const octet = all[i] as number
      const isEnd = octet === lf && i > 0 && all[i - 1] === cr
      if (this.#inMethod) {
        if (octet === space && i > 0) this.#inMethod = false
        else if (tokenOctets[octet] !== 1) this.#fail('not a request line')
      } else if (octet !== cr && !isEnd && valueOctets[octet] !== 1) this.#fail('a control character in the head')
      if (i > 0 && all[i - 1] === cr && octet !== lf) this.#fail('a bare CR in the head')
    }
    this.#checked = all.length
  }

  #fail(detail: string): void {
    this.refusal ??= refuse('malformed_request', detail)
  }
}
