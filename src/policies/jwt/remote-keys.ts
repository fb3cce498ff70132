import type { PolicyLog } from '../../core/telemetry.ts'
import type { VerificationKey } from '../../crypto/tokens/verification-key.ts'
import type { KeySet } from './key-set.ts'
import type { KeySource } from './key-source.ts'

export interface RemoteKeysOptions {
  /** The issuer's name in the policy file, for the log. */
  readonly name: string
  readonly maxAgeMs: number
  /** How long keys are used beyond `maxAgeMs` while fetching fails; 0 refuses at once. */
  readonly maxStaleMs: number
  readonly cooldownMs: number
  readonly load: () => Promise<KeySet>
  readonly now: () => number
  readonly log: PolicyLog
}

/** Part of `maxAgeMs` after which keys are fetched ahead, so that steady traffic never waits. */
const aheadRatio = 0.75
/** The least time between two attempts while the issuer fails. */
const maxRetryMs = 5000

const never = Number.NEGATIVE_INFINITY

/** An issuer's keys as fetched: one fetch at a time, all who need it wait for the same one. */
export class RemoteKeys implements KeySource {
  keys: readonly VerificationKey[] = []
  readonly #options: RemoteKeysOptions
  readonly #retryMs: number
  #fetchedAt = never
  #attemptedAt = never
  #failing = false
  #pending: Promise<void> | null = null

  constructor(options: RemoteKeysOptions) {
    this.#options = options
    this.#retryMs = Math.min(maxRetryMs, options.cooldownMs)
  }

  /** How often keys were fetched, and how often that failed. */
  readonly counts = { fetched: 0, failed: 0 }

  usable(now: number): boolean {
    const { maxAgeMs, maxStaleMs } = this.#options
    const age = now - this.#fetchedAt
    // A clock that was set back must not make keys young again.
    if (age < 0) return false
    if (age < maxAgeMs) {
      if (age >= maxAgeMs * aheadRatio) this.#refreshBehind(now)
      return true
    }
    if (age >= maxAgeMs + maxStaleMs || !this.#failedLately(now)) return false
    this.#refreshBehind(now)
    return true
  }

  async becomeUsable(now: number): Promise<boolean> {
    if (this.usable(now)) return true
    if (this.#pending !== null || !this.#within(now, this.#failing ? this.#retryMs : 0)) await this.#refresh()
    return this.usable(this.#options.now())
  }

  async refreshForUnknown(now: number): Promise<void> {
    if (this.#pending !== null || !this.#within(now, this.#options.cooldownMs)) await this.#refresh()
  }

  /** Whether the last attempt ended less than so long ago. */
  #within(now: number, periodMs: number): boolean {
    const since = now - this.#attemptedAt
    return since >= 0 && since < periodMs
  }

  /** With traffic, attempts go on in the background; after a pause, the next caller waits for one. */
  #failedLately(now: number): boolean {
    return this.#failing && (this.#pending !== null || this.#within(now, 3 * this.#retryMs))
  }

  #refreshBehind(now: number): void {
    if (this.#pending === null && !this.#within(now, this.#retryMs)) void this.#refresh()
  }

  #refresh(): Promise<void> {
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #fetch(): Promise<void> {
    const { name, load, now, log } = this.#options
    try {
      const { keys, unusable } = await load()
      this.#adopt(keys)
      this.#fetchedAt = now()
      this.#failing = false
      this.counts.fetched++
      log.info('issuer_keys_fetched', { issuer: name, keys: keys.length, unusable })
    } catch (error) {
      this.#failing = true
      this.counts.failed++
      log.warn('issuer_keys_failed', { issuer: name, reason: error instanceof Error ? error.message : String(error) })
    }
    this.#attemptedAt = now()
  }

  /** Keys that are still published stay the same objects, so that what they signed stays cached. */
  #adopt(fetched: readonly VerificationKey[]): void {
    const before = new Map(this.keys.map((key) => [key.fingerprint, key]))
    this.keys = fetched.map((key) => before.get(key.fingerprint) ?? key)
    const kept = new Set(this.keys)
    for (const key of before.values()) if (!kept.has(key)) key.retired = true
  }
}
