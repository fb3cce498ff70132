export interface BoundedCacheOptions {
  readonly maxEntries: number
  /** The most that all keys together may be long, in characters. Default: no limit of its own. */
  readonly maxKeyLength?: number
}

/**
 * A cache of two generations. A hit costs one look-up in a Map; what was not asked for while a generation filled up
 * is dropped as a whole, so there is no list to keep in order and never more than `maxEntries`.
 */
export class BoundedCache<Value> {
  readonly #generationEntries: number
  readonly #generationKeyLength: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #youngKeyLength = 0

  constructor({ maxEntries, maxKeyLength = Number.POSITIVE_INFINITY }: BoundedCacheOptions) {
    this.#generationEntries = Math.max(1, Math.floor(maxEntries / 2))
    this.#generationKeyLength = maxKeyLength / 2
  }

  /** Entries held; one that stands in both generations counts twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: string, value: Value): void {
    if (!this.#young.has(key)) {
      if (
        this.#young.size >= this.#generationEntries ||
        this.#youngKeyLength + key.length > this.#generationKeyLength
      ) {
        this.#old = this.#young
        this.#young = new Map()
        this.#youngKeyLength = 0
      }
      this.#youngKeyLength += key.length
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    if (this.#young.delete(key)) this.#youngKeyLength -= key.length
    this.#old.delete(key)
  }
}
