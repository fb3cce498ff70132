import type { JWK } from 'jose'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import type { SigningKeyLookup, SigningKeyRecord, SigningKeyStore } from '../../stores/ports/signing-key-store.ts'
import { type ScheduleOptions, toSchedule } from './schedule.ts'
import { generateSigningKey, openSigningKey } from './signing-key.ts'

export interface SigningKeysOptions extends ScheduleOptions {
  readonly store: SigningKeyStore
  readonly lookup: SigningKeyLookup
  readonly ring: LiveKeyRing
  /** Moves when keys were added or removed, anywhere. */
  readonly epoch: () => number
  readonly now: () => number
  readonly log: PolicyLog
}

/** The private keys, the one that signs first. Another object where they are others. */
export type KeySet = readonly JWK[]

/** How often a thread looks whether it is time for another key. */
const lookEveryMs = 60_000

/** The signing keys as one thread has them: made where there are none, rotated when it is time, followed otherwise. */
export class SigningKeys {
  readonly #options: SigningKeysOptions
  readonly #opened = new Map<string, JWK>()
  #current: KeySet = []
  #signature = ''
  #seen = Number.NaN
  #lookedAt = Number.NEGATIVE_INFINITY
  #running: Promise<KeySet> | null = null

  constructor(options: SigningKeysOptions) {
    this.#options = options
  }

  /** What to sign with now. Rejects where there is nothing, because the store or the key ring cannot be used. */
  current(): KeySet | Promise<KeySet> {
    const { epoch, now } = this.#options
    const isFresh = epoch() === this.#seen && now() - this.#lookedAt < lookEveryMs && now() >= this.#lookedAt
    if (isFresh) return this.#current
    this.#running ??= this.#look().finally(() => {
      this.#running = null
    })
    // What is known goes on to sign while somebody looks, and while nobody can.
    return this.#current.length > 0 ? this.#running.catch((error) => this.#keep(error)) : this.#running
  }

  async #look(): Promise<KeySet> {
    const { lookup, epoch, now } = this.#options
    const [seen, at] = [epoch(), now()]
    let keys = await lookup.list()
    // Each turn adds or removes one, or finds that another instance did.
    for (let turn = 0; turn < 4 && (await this.#keepHouse(keys, at)); turn++) keys = await lookup.list()
    await this.#adopt(toSchedule(keys, this.#options, at).published)
    this.#seen = seen
    this.#lookedAt = at
    return this.#current
  }

  async #keepHouse(keys: readonly SigningKeyRecord[], at: number): Promise<boolean> {
    const { store, ring, log } = this.#options
    const { next, ended } = toSchedule(keys, this.#options, at)
    if (next !== null) {
      const key = await generateSigningKey(ring, at, next)
      if (await store.add(key, keys.at(-1)?.id ?? null)) {
        log.info('signing_key_made', { key: key.id, signsFrom: new Date(next).toISOString() })
      }
      return true
    }
    const [first] = ended
    if (first === undefined) return false
    await store.remove(first.id, at)
    return true
  }

  async #adopt(published: readonly SigningKeyRecord[]): Promise<void> {
    const signature = published.map(({ id }) => id).join(' ')
    if (signature === this.#signature) return
    const keys = await Promise.all(published.map((record) => this.#open(record)))
    if (keys.length === 0) throw new Error('there is no key to sign with')
    this.#current = keys
    this.#signature = signature
  }

  async #open(record: SigningKeyRecord): Promise<JWK> {
    const known = this.#opened.get(record.id)
    if (known !== undefined) return known
    const key = await openSigningKey(this.#options.ring, record)
    // Rotation leaves few; what is forgotten is opened anew.
    if (this.#opened.size > 20) this.#opened.clear()
    this.#opened.set(record.id, key)
    return key
  }

  #keep(error: unknown): KeySet {
    this.#options.log.error('signing_keys_not_read', { error, serving: this.#signature })
    return this.#current
  }
}
