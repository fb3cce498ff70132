import type { KeyCache } from './key-cache.ts'
import type { ShownSecret } from './known-key.ts'

/** A key as a request showed it, with where and by what it is looked up. */
export interface ShownKey extends ShownSecret {
  readonly cache: KeyCache
  readonly asked: string
}

const generationMs = 10_000
const maxEntries = 10_000

/**
 * Remembers what was worked out of the text of a key that fitted: the next request with it costs a look-up instead of a
 * checksum and a SHA-256. Whether the key is still good is not remembered here. The texts are secrets, so they are dropped
 * 10 to 20 seconds after their last use, as if they had never been more than requests that are being answered.
 */
export class RecentKeys {
  #young = new Map<string, ShownKey>()
  #old = new Map<string, ShownKey>()
  #timer: NodeJS.Timeout | undefined

  find(text: string): ShownKey | undefined {
    const young = this.#young.get(text)
    if (young !== undefined) return young
    const old = this.#old.get(text)
    if (old !== undefined) this.add(text, old)
    return old
  }

  add(text: string, shown: ShownKey): void {
    if (this.#young.size >= maxEntries) this.#turn()
    this.#young.set(text, shown)
    this.#timer ??= setInterval(() => this.#turn(), generationMs).unref()
  }

  clear(): void {
    this.#turn()
    this.#turn()
  }

  #turn(): void {
    this.#old = this.#young
    this.#young = new Map()
    if (this.#old.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
