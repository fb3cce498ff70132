import { BoundedCache } from '../../core/bounded-cache.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { OutboundClient } from '../../outbound/outbound.ts'
import type { ClientRecord, PublicJwk } from '../../stores/ports/client-store.ts'
import { parseClientKeys } from './parse-keys.ts'

export interface PublishedKeysOptions {
  readonly outbound: Pick<OutboundClient, 'json'>
  readonly now: () => number
  readonly log: PolicyLog
}

interface Known {
  keys: readonly PublicJwk[]
  fetchedAt: number
  attemptedAt: number
  pending: Promise<void> | null
}

/** A key that a client withdraws is honoured no longer than this, and a new one is known after it. */
const maxAgeMs = 60_000
/** How much longer keys are used while the client's address does not answer. */
const maxStaleMs = 3_600_000
/** The least time between two attempts, however many ask: nobody makes us call somebody else faster. */
const retryMs = 10_000
const request = { maxBytes: 64 * 1024, timeoutMs: 2500 }
const maxClients = 2_000

/** The keys that clients publish at an address of theirs, as fetched: by one fetch for all who wait for it. */
export class PublishedKeys {
  readonly #options: PublishedKeysOptions
  readonly #known = new BoundedCache<Known>({ maxEntries: maxClients })

  constructor(options: PublishedKeysOptions) {
    this.#options = options
  }

  /** Empty where there are none that may be used now: the client then proves nothing. */
  async find(client: ClientRecord, url: string): Promise<readonly PublicJwk[]> {
    const known = this.#get(client, url)
    if (this.#age(known.fetchedAt) >= maxAgeMs && (known.pending !== null || this.#age(known.attemptedAt) >= retryMs)) {
      known.pending ??= this.#fetch(known, client, url).finally(() => {
        known.pending = null
      })
      await known.pending
    }
    return this.#age(known.fetchedAt) < maxAgeMs + maxStaleMs ? known.keys : []
  }

  #get({ id, settings }: ClientRecord, url: string): Known {
    const { allowPrivateAddress, allowPlainHttp } = settings
    const key = JSON.stringify([id, url, allowPrivateAddress !== undefined, allowPlainHttp !== undefined])
    const found = this.#known.get(key)
    if (found !== undefined) return found
    const never = Number.NEGATIVE_INFINITY
    const made: Known = { keys: [], fetchedAt: never, attemptedAt: never, pending: null }
    this.#known.set(key, made)
    return made
  }

  /** A clock that was set back must not make keys young again. */
  #age(at: number): number {
    const age = this.#options.now() - at
    return age < 0 ? Number.POSITIVE_INFINITY : age
  }

  async #fetch(known: Known, { id, settings }: ClientRecord, url: string): Promise<void> {
    const { outbound, now, log } = this.#options
    const { allowPrivateAddress, allowPlainHttp } = settings
    const allowed = { allowPrivate: allowPrivateAddress !== undefined, allowHttp: allowPlainHttp !== undefined }
    try {
      known.keys = parseClientKeys(await outbound.json(url, { ...request, ...allowed }))
      known.fetchedAt = now()
    } catch (error) {
      log.warn('client_keys_not_read', { client: id, reason: (error as Error).message })
    }
    known.attemptedAt = now()
  }
}
