import type { PolicyDeps } from '../../core/policy.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { keyLookupPort, keyStorePort, keyUseRecorderPort } from '../../stores/ports/key-store.ts'
import { createExpiryWatch, type ExpiryWatch } from './expiry-watch.ts'
import { KeyCache } from './key-cache.ts'
import { createKeyLimits, type KeyLimits } from './key-limits.ts'
import { RecentKeys } from './recent-keys.ts'
import { createUseBatch, type UseBatch } from './use-batch.ts'
import { createUseSpender, type UseSpender } from './use-spender.ts'
import { watchLookup } from './watched-lookup.ts'

/** What all routes of a worker share. */
export interface Keyring {
  /** Keys of ours, by their id. */
  readonly own: KeyCache
  /** Keys of other systems, by their digest: guessing those drives none of ours out. */
  readonly foreign: KeyCache
  /** What their texts came to, for a moment. */
  readonly recent: RecentKeys
  readonly uses: UseBatch
  readonly spender: UseSpender
  readonly limits: KeyLimits
  readonly expiry: ExpiryWatch
}

export function shareKeyring(deps: PolicyDeps): Keyring {
  return deps.shared(
    'api-key:keyring',
    () => createKeyring(deps),
    ({ uses, recent }) => {
      uses.flush()
      recent.clear()
    },
  )
}

function createKeyring(deps: PolicyDeps): Keyring {
  const { provide, meter, now } = deps
  const lookup = watchLookup(provide(keyLookupPort), deps)
  const epoch = provide(changeEpochPort)
  const own = new KeyCache({ ask: lookup.find, epoch, now })
  const foreign = new KeyCache({ ask: lookup.findByDigest, epoch, now })
  const sum = (read: (cache: KeyCache) => number) => () => read(own) + read(foreign)
  meter.gauge(
    'portcullis_api_key_cached',
    'Answers of the key store that are remembered',
    sum(({ size }) => size),
  )
  meter.total(
    'portcullis_api_key_cache_hits_total',
    'Keys that the store was not asked for',
    sum(({ hits }) => hits),
  )
  meter.total(
    'portcullis_api_key_cache_misses_total',
    'Keys that the store was asked for',
    sum(({ misses }) => misses),
  )
  return {
    own,
    foreign,
    recent: new RecentKeys(),
    uses: createUseBatch(provide(keyUseRecorderPort)),
    spender: createUseSpender(provide(keyStorePort)),
    limits: createKeyLimits(deps),
    expiry: createExpiryWatch(deps),
  }
}
