import { apiKeyLength, apiKeyPrefix, parseApiKey } from './api-key.ts'

export interface FoundApiKey {
  readonly id: string
  /** The secret itself: digest it, and let go of it. */
  readonly text: string
  /** Counted from 1. */
  readonly line: number
}

/**
 * Finds API keys in text of any size and kind, by prefix and checksum, without a store. Takes time in proportion to
 * the text, whatever it holds, and remembers less than one key of it. Random text has a key in it once in 2³² times
 * that it has the form of one.
 */
export class ApiKeyScanner {
  #rest = ''
  #line = 1

  /** Reads on; the text may be cut anywhere, also inside a key. */
  scan(chunk: string): FoundApiKey[] {
    const text = this.#rest + chunk
    const found: FoundApiKey[] = []
    let done = 0
    let at = text.indexOf(apiKeyPrefix)
    while (at !== -1 && at + apiKeyLength <= text.length) {
      const candidate = text.slice(at, at + apiKeyLength)
      const id = parseApiKey(candidate)
      this.#countLines(text, done, at)
      if (id !== null) found.push({ id, text: candidate, line: this.#line })
      done = at + (id === null ? apiKeyPrefix.length : apiKeyLength)
      at = text.indexOf(apiKeyPrefix, done)
    }
    // What is left to see begins with a prefix that has no whole key after it yet, or with a part of a prefix.
    const keep = at === -1 ? Math.max(done, text.length - apiKeyPrefix.length + 1) : at
    this.#countLines(text, done, keep)
    this.#rest = text.slice(keep)
    return found
  }

  #countLines(text: string, from: number, to: number): void {
    // Only within the part: a search that ran to the end of a text without line breaks would be made for each prefix.
    const part = text.slice(from, to)
    for (let at = part.indexOf('\n'); at !== -1; at = part.indexOf('\n', at + 1)) this.#line++
  }
}
