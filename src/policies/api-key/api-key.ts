import { absent, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { parseApiKey } from '../../crypto/api-key.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { keyLookupPort, keyUseRecorderPort } from '../../stores/ports/key-store.ts'
import { type CachedAnswer, KeyCache } from './key-cache.ts'
import { checkKey } from './known-key.ts'
import type { ApiKeyOptions } from './options.ts'
import { repeated, takePresentedKey } from './presented-key.ts'
import { createUseBatch, type UseBatch } from './use-batch.ts'
import { watchLookup } from './watched-lookup.ts'

/** What all routes of a worker share. */
interface Keyring {
  readonly cache: KeyCache
  readonly uses: UseBatch
}

/** `lastUsedAt` is kept to the minute. */
const useResolutionMs = 60_000
const retryAfterSeconds = 1

export function createApiKeyPolicy(options: ApiKeyOptions, deps: PolicyDeps): Hooks {
  const { now } = deps
  const digests = deps.slot<string>()
  const { cache, uses } = deps.shared('api-key:keyring', () => createKeyring(deps), closeKeyring)

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const presented = takePresentedKey(exchange, options)
    if (presented === null) return absent
    if (presented === repeated) return refuse('api_key_repeated')
    const id = parseApiKey(presented)
    if (id === null) return refuse('api_key_malformed')
    const digest = digestSecret(presented)
    digests.set(exchange, digest)
    try {
      const answer = cache.find(id, options.cacheLifetime)
      return answer instanceof Promise ? judgeLater(exchange, answer, digest) : judge(exchange, answer, digest)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  async function judgeLater(exchange: Exchange, pending: Promise<CachedAnswer>, digest: string) {
    try {
      return await judge(exchange, await pending, digest)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function judge(exchange: Exchange, answer: CachedAnswer, digest: string): Identification | Promise<Identification> {
    const verdict = decide(exchange, answer, digest)
    // Another process may have created or rotated the key a moment ago.
    if (verdict.kind !== 'refuse' || verdict.code !== 'api_key_unknown' || !cache.mayBeOutdated(answer)) return verdict
    const fresh = cache.load(answer.id)
    return fresh instanceof Promise
      ? fresh.then((settled) => decide(exchange, settled, digest), refuseForStore)
      : decide(exchange, fresh, digest)
  }

  function decide(exchange: Exchange, answer: CachedAnswer, digest: string): Identification {
    if (answer.key === null) return refuse('api_key_unknown', answer.id)
    const at = now()
    const verdict = checkKey(answer.key, digest, exchange.client.address, at)
    if (typeof verdict === 'string') return refuse(verdict, answer.id)
    if (at - answer.recordedAt >= useResolutionMs) {
      answer.recordedAt = at
      uses.add(answer.id, at)
    }
    return verdict
  }

  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const digest = digests.get(exchange)
    const id = exchange.principal?.credential.id
    if (digest === undefined || id === undefined) return false
    const answer = await cache.find(id, options.cacheLifetime)
    return (await judge(exchange, answer, digest)).kind === 'identified'
  }

  return { identify, stillHolds, challenge: `${options.bearer ? 'Bearer' : 'ApiKey'} realm="api"` }
}

/** Whoever cannot be checked is not let in, however well they were known before. */
function refuseForStore(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error)
  return refuse('dependency_down', reason, { retryAfterSeconds })
}

function createKeyring(deps: PolicyDeps): Keyring {
  const { provide, meter, now } = deps
  const lookup = watchLookup(provide(keyLookupPort), deps)
  const cache = new KeyCache({ lookup, epoch: provide(changeEpochPort), now })
  meter.gauge('portcullis_api_key_cached', 'Answers of the key store that are remembered', () => cache.size)
  meter.total('portcullis_api_key_cache_hits_total', 'Keys that the store was not asked for', () => cache.hits)
  meter.total('portcullis_api_key_cache_misses_total', 'Keys that the store was asked for', () => cache.misses)
  return { cache, uses: createUseBatch(provide(keyUseRecorderPort)) }
}

function closeKeyring({ uses }: Keyring): void {
  uses.flush()
}
