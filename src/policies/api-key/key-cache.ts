import { BoundedCache } from '../../core/bounded-cache.ts'
import type { ChangeEpoch } from '../../stores/ports/change-log.ts'
import type { KeyLookup, KeyRecord } from '../../stores/ports/key-store.ts'
import { type KnownKey, prepareKey } from './known-key.ts'

/** What the store said about one id, or the digest of a key without one, and under which circumstances. */
export interface CachedAnswer {
  readonly asked: string
  /** Null: there is no such key. */
  readonly key: KnownKey | null
  readonly epoch: number
  readonly loadedAt: number
  /** When a use was last noted down, so that this happens once in a while only. */
  recordedAt: number
  /** Its last use was spent since. */
  usedUp: boolean
}

export interface KeyCacheOptions {
  readonly ask: KeyLookup['find']
  readonly epoch: ChangeEpoch
  readonly now: () => number
}

const maxKeys = 20_000
const maxUnknown = 20_000
/** Short, because a key that does not exist may be created. */
const unknownLifetimeMs = 5_000
/** A secret that does not fit may be newer than the answer; asking more often would let guesses reach the store. */
const rereadAfterMs = 100

/**
 * Remembers what the store said, by public id or by digest, so that neither a known key nor a guess at one costs a read. An answer
 * is used only while it is young, the log of changes can be read, and nothing was revoked or rotated since. Ids that
 * do not exist have a place of their own: guessing them drives no good key out.
 */
export class KeyCache {
  readonly #known = new BoundedCache<CachedAnswer>({ maxEntries: maxKeys })
  readonly #unknown = new BoundedCache<CachedAnswer>({ maxEntries: maxUnknown })
  readonly #options: KeyCacheOptions
  hits = 0
  misses = 0

  constructor(options: KeyCacheOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#known.size + this.#unknown.size
  }

  /** Synchronous on a hit, and on a miss where the store is. Throws or rejects when the store cannot answer. */
  find(asked: string, lifetimeMs: number): CachedAnswer | Promise<CachedAnswer> {
    const cached = this.#known.get(asked) ?? this.#unknown.get(asked)
    if (cached !== undefined && this.#isUsable(cached, lifetimeMs)) {
      this.hits++
      return cached
    }
    return this.load(asked)
  }

  /** Asks the store, whatever is remembered. */
  load(asked: string): CachedAnswer | Promise<CachedAnswer> {
    this.misses++
    const { ask, epoch, now } = this.#options
    // Both are read before the store is: what changes meanwhile makes the answer stale, not the other way round.
    const from = { epoch: epoch.current(), loadedAt: now() }
    const found = ask(asked)
    if (found instanceof Promise) return found.then((record) => this.#remember(asked, record, from))
    return this.#remember(asked, found, from)
  }

  /** Whether the store might say more about a secret that does not fit. */
  mayBeOutdated(answer: CachedAnswer): boolean {
    return this.#options.now() - answer.loadedAt >= rereadAfterMs
  }

  #isUsable(answer: CachedAnswer, lifetimeMs: number): boolean {
    const { epoch, now } = this.#options
    if (answer.epoch !== epoch.current() || !epoch.readable()) return false
    const age = now() - answer.loadedAt
    return age >= 0 && age < (answer.key === null ? Math.min(lifetimeMs, unknownLifetimeMs) : lifetimeMs)
  }

  #remember(asked: string, record: KeyRecord | null, from: { epoch: number; loadedAt: number }): CachedAnswer {
    const key = record === null ? null : prepareKey(record)
    const answer = { asked, key, ...from, recordedAt: record?.lastUsedAt ?? 0, usedUp: false }
    if (key === null) {
      this.#known.delete(asked)
      this.#unknown.set(asked, answer)
    } else {
      this.#unknown.delete(asked)
      this.#known.set(asked, answer)
    }
    return answer
  }
}
