export interface BoundedCacheOptions<Value> {
  readonly maxEntries: number
  /** The most that all entries together may be long, in characters. Default: no limit of its own. */
  readonly maxKeyLength?: number
  /** How long an entry counts as. Default: as its key. */
  readonly lengthOf?: (key: string, value: Value) => number
}

/**
 * A cache of two generations. A hit costs one look-up in a Map; what was not asked for while a generation filled up
 * is dropped as a whole, so there is no list to keep in order and never more than `maxEntries`.
 */
export class BoundedCache<Value> {
  readonly #generationEntries: number
  readonly #generationKeyLength: number
  readonly #lengthOf: (key: string, value: Value) => number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #youngKeyLength = 0

  constructor(options: BoundedCacheOptions<Value>) {
    const { maxEntries, maxKeyLength = Number.POSITIVE_INFINITY, lengthOf = ({ length }) => length } = options
    this.#lengthOf = lengthOf
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
    const before = this.#young.get(key)
    const length = this.#lengthOf(key, value)
    if (before !== undefined) this.#youngKeyLength += length - this.#lengthOf(key, before)
    else {
      if (this.#young.size >= this.#generationEntries || this.#youngKeyLength + length > this.#generationKeyLength) {
        this.#old = this.#young
        this.#young = new Map()
        this.#youngKeyLength = 0
      }
      this.#youngKeyLength += length
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    const young = this.#young.get(key)
    if (young !== undefined) this.#youngKeyLength -= this.#lengthOf(key, young)
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
