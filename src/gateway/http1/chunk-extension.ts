import { tokenOctets, valueOctets } from './octets.ts'

const nameStart = 0
const name = 1
const valueStart = 2
const value = 3
const quoted = 4
const escaped = 5
const afterQuoted = 6

const quote = 0x22
const semicolon = 0x3b
const equals = 0x3d
const backslash = 0x5c

/**
 * Checks the extensions behind a chunk size (RFC 9112 section 7.1.1). Nothing is done with them, but what is read
 * differently elsewhere is not read at all.
 */
export class ChunkExtension {
  #state: number = nameStart

  /** Called behind the first `;`. */
  begin(): void {
    this.#state = nameStart
  }

  /** Whether the size's line may end here. */
  get mayEnd(): boolean {
    return this.#state === name || this.#state === value || this.#state === afterQuoted
  }

  /** False where the octet may not stand here. */
  take(octet: number): boolean {
    switch (this.#state) {
      case nameStart:
      case valueStart:
        if (octet === quote && this.#state === valueStart) this.#state = quoted
        else if (tokenOctets[octet] === 1) this.#state += 1
        else return false
        return true
      case name:
      case value:
      case afterQuoted:
        if (octet === semicolon) this.#state = nameStart
        else if (octet === equals && this.#state === name) this.#state = valueStart
        else return tokenOctets[octet] === 1 && this.#state !== afterQuoted
        return true
      case escaped:
        this.#state = quoted
        return valueOctets[octet] === 1
      default:
        if (octet === quote) this.#state = afterQuoted
        else if (octet === backslash) this.#state = escaped
        return valueOctets[octet] === 1
    }
  }
}
