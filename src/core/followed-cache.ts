import { BoundedCache } from './bounded-cache.ts'

/** What says whether an answer may have changed since: the log of changes, as every thread follows it. */
export interface Followed {
  current(): number
  /** False once the log could not be read for a while. */
  readable(): boolean
}

export interface FollowedCacheOptions<Value> {
  /** Asks the store; null where there is nothing under the key. Synchronous where the store is. */
  readonly load: (key: string) => Value | null | Promise<Value | null>
  readonly epoch: Followed
  readonly now: () => number
  /** Of what is there, and as many again of what is not. */
  readonly maxEntries: number
}

interface Answer<Value> {
  readonly value: Value | null
  readonly epoch: number
  readonly loadedAt: number
}

/** Short, because what does not exist may be created. */
const absentLifetimeMs = 5_000

/**
 * Remembers what a store said, so that neither a known key nor a guess at one costs a read. An answer is used only
 * while it is young, the log of changes can be read, and nothing urgent has changed since. Keys without anything have
 * a place of their own: guessing them drives out nothing that is there.
 */
export class FollowedCache<Value> {
  readonly #present: BoundedCache<Answer<Value>>
  readonly #absent: BoundedCache<Answer<Value>>
  readonly #options: FollowedCacheOptions<Value>
  hits = 0
  misses = 0

  constructor(options: FollowedCacheOptions<Value>) {
    this.#options = options
    this.#present = new BoundedCache({ maxEntries: options.maxEntries })
    this.#absent = new BoundedCache({ maxEntries: options.maxEntries })
  }

  get size(): number {
    return this.#present.size + this.#absent.size
  }

  /** Throws or rejects when the store cannot answer. */
  find(key: string, lifetimeMs: number): Value | null | Promise<Value | null> {
    const answer = this.#present.get(key) ?? this.#absent.get(key)
    if (answer === undefined || !this.#isUsable(answer, lifetimeMs)) return this.load(key)
    this.hits++
    return answer.value
  }

  /** Asks the store, whatever is remembered. */
  load(key: string): Value | null | Promise<Value | null> {
    this.misses++
    const { load, epoch, now } = this.#options
    // Both are read before the store is: what changes meanwhile makes the answer stale, not the other way round.
    const from = { epoch: epoch.current(), loadedAt: now() }
    const loaded = load(key)
    if (loaded instanceof Promise) return loaded.then((value) => this.#remember(key, { value, ...from }))
    return this.#remember(key, { value: loaded, ...from })
  }

  forget(key: string): void {
    this.#present.delete(key)
    this.#absent.delete(key)
  }

  #isUsable({ value, epoch, loadedAt }: Answer<Value>, lifetimeMs: number): boolean {
    const { epoch: followed, now } = this.#options
    if (epoch !== followed.current() || !followed.readable()) return false
    const age = now() - loadedAt
    return age >= 0 && age < (value === null ? Math.min(lifetimeMs, absentLifetimeMs) : lifetimeMs)
  }

  #remember(key: string, answer: Answer<Value>): Value | null {
    this.forget(key)
    const cache = answer.value === null ? this.#absent : this.#present
    cache.set(key, answer)
    return answer.value
  }
}
