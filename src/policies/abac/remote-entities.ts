import { toStableJson } from '../../core/stable-json.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { ConfiguredEntity } from './policy-sets-block.ts'

export interface RemoteEntitiesOptions {
  /** The name of the policy set, for the log. */
  readonly set: string
  readonly ttlMs: number
  /** How much longer a list is used while none can be fetched; 0 refuses at once. */
  readonly maxStaleMs: number
  readonly load: () => Promise<readonly ConfiguredEntity[]>
  /** Called before anybody is answered by a list that differs from the one before. */
  readonly onChange: (entities: readonly ConfiguredEntity[]) => void
  readonly now: () => number
  readonly log: PolicyLog
}

/** Part of `ttlMs` after which a list is fetched ahead, so that steady traffic never waits. */
const aheadRatio = 0.75
/** The least time between two attempts while fetching fails. */
const retryMs = 1_000
const never = Number.NEGATIVE_INFINITY

/** Entities that are fetched: one fetch at a time, all who need it wait for the same one. */
export class RemoteEntities {
  readonly #options: RemoteEntitiesOptions
  readonly counts = { fetched: 0, failed: 0 }
  #known: string | null = null
  #size = 0
  #fetchedAt = never
  #failedAt = never
  #pending: Promise<void> | null = null

  constructor(options: RemoteEntitiesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#size
  }

  /** Null where the list at hand may be used; else what to wait for, which rejects where there is none to use. */
  becomeUsable(): Promise<void> | null {
    const { ttlMs, now } = this.#options
    const age = this.#age()
    if (age < ttlMs) {
      if (age >= ttlMs * aheadRatio && this.#mayTry(now())) void this.#refresh().catch(() => {})
      return null
    }
    if (!this.#isStaleUsable()) return this.#mayTry(now()) ? this.#refresh() : Promise.reject(this.#unusable())
    // It failed just now: nobody waits for the next attempt.
    if (this.#mayTry(now())) void this.#refresh().catch(() => {})
    return null
  }

  /** A clock that was set back must not make a list young again. */
  #age(): number {
    const age = this.#options.now() - this.#fetchedAt
    return age < 0 ? Number.POSITIVE_INFINITY : age
  }

  #isStaleUsable(): boolean {
    const { ttlMs, maxStaleMs } = this.#options
    return this.#failedAt > this.#fetchedAt && this.#age() < ttlMs + maxStaleMs
  }

  #mayTry(now: number): boolean {
    const since = now - this.#failedAt
    return this.#pending !== null || since < 0 || since >= retryMs
  }

  #refresh(): Promise<void> {
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #fetch(): Promise<void> {
    const { load, now, log, set, onChange } = this.#options
    try {
      const entities = await load()
      const text = toStableJson(entities)
      if (text !== this.#known) onChange(entities)
      this.#known = text
      this.#size = entities.length
      this.#fetchedAt = now()
      this.counts.fetched++
    } catch (error) {
      this.#failedAt = now()
      this.counts.failed++
      log.warn('entities_failed', { set, reason: error instanceof Error ? error.message : String(error) })
      if (!this.#isStaleUsable()) throw this.#unusable()
    }
  }

  #unusable(): Error {
    return new Error(`the entities of the policy set "${this.#options.set}" cannot be fetched`)
  }
}
