import { absent, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { parseApiKey } from '../../crypto/api-key.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { isForeign } from './foreign-key.ts'
import type { CachedAnswer } from './key-cache.ts'
import { createKeyHooks, type KeyInUse } from './key-hooks.ts'
import { shareKeyring } from './keyring.ts'
import { checkKey } from './known-key.ts'
import type { ApiKeyOptions } from './options.ts'
import { repeated, takePresentedKey } from './presented-key.ts'
import type { ShownKey } from './recent-keys.ts'

/** `lastUsedAt` is kept to the minute. */
const useResolutionMs = 60_000
const retryAfterSeconds = 1

export function createApiKeyPolicy(options: ApiKeyOptions, deps: PolicyDeps): Hooks {
  const { now } = deps
  const { environments, expiryWarning } = options
  const keyring = shareKeyring(deps)
  const inUse = deps.slot<KeyInUse>()
  const shown = deps.slot<ShownKey>()

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const presented = takePresentedKey(exchange, options)
    if (presented === null) return absent
    if (presented === repeated) return refuse('api_key_repeated')
    const key = keyring.recent.find(presented) ?? readKey(presented)
    if (key === null) return refuse('api_key_malformed')
    shown.set(exchange, key)
    try {
      const answer = key.cache.find(key.asked, options.cacheLifetime)
      return answer instanceof Promise
        ? judgeLater(exchange, answer, key, presented)
        : judge(exchange, answer, key, presented)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function readKey(presented: string): ShownKey | null {
    const id = parseApiKey(presented)
    if (id === null && !isForeign(presented, options.foreign)) return null
    const digest = digestSecret(presented)
    return { cache: id === null ? keyring.foreign : keyring.own, asked: id ?? digest, digest, fits: null }
  }

  async function judgeLater(exchange: Exchange, pending: Promise<CachedAnswer>, key: ShownKey, presented: string) {
    try {
      return await judge(exchange, await pending, key, presented)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function judge(
    exchange: Exchange,
    answer: CachedAnswer,
    key: ShownKey,
    presented: string,
  ): Identification | Promise<Identification> {
    const before = key.fits
    const verdict = decide(exchange, answer, key)
    // Which foreign keys are taken is up to each route, so that those are read anew at each.
    if (before === null && key.fits !== null && key.cache === keyring.own) keyring.recent.add(presented, key)
    // Another process may have created or rotated the key a moment ago.
    if (verdict.kind !== 'refuse' || verdict.code !== 'api_key_unknown' || !key.cache.mayBeOutdated(answer)) {
      return verdict
    }
    const fresh = key.cache.load(answer.asked)
    return fresh instanceof Promise
      ? fresh.then((settled) => decide(exchange, settled, key), refuseForStore)
      : decide(exchange, fresh, key)
  }

  function decide(exchange: Exchange, answer: CachedAnswer, shownKey: ShownKey): Identification {
    const { key } = answer
    // The digest of a key of another system is nothing to write down: it is looked up by it.
    if (key === null) return refuse('api_key_unknown', answer.asked === shownKey.digest ? undefined : answer.asked)
    const { record } = key
    const at = now()
    const verdict = checkKey(key, shownKey, exchange.client.address, at)
    if (typeof verdict === 'string') return refuse(verdict, record.id)
    if (answer.usedUp) return refuse('api_key_used_up', record.id)
    if (environments !== undefined && !environments.includes(record.environment ?? '')) {
      return refuse('api_key_environment', `${record.id}, ${record.environment ?? 'none'}`)
    }
    noteUse(answer, at)
    const { expiresAt } = verdict.principal
    if (expiresAt !== null && expiresAt - at <= expiryWarning && expiresAt - record.createdAt > expiryWarning) {
      keyring.expiry.note(record, expiresAt, at)
    }
    if (record.rateLimit !== null || record.quota !== null || record.usesLeft !== null) {
      inUse.set(exchange, { answer, record, told: [] })
    }
    return verdict
  }

  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const key = shown.get(exchange)
    if (key === undefined) return false
    const answer = await key.cache.find(key.asked, options.cacheLifetime)
    if (answer.key === null) return false
    const verdict = checkKey(answer.key, key, exchange.client.address, now())
    // A key that has no uses left may still end what it began.
    return typeof verdict !== 'string' || verdict === 'api_key_used_up'
  }

  function noteUse(answer: CachedAnswer, at: number): void {
    if (answer.key === null || at - answer.recordedAt < useResolutionMs) return
    answer.recordedAt = at
    keyring.uses.add(answer.key.record.id, at)
  }

  return {
    identify,
    stillHolds,
    ...createKeyHooks(keyring, inUse, refuseForStore),
    challenge: `${options.bearer ? 'Bearer' : 'ApiKey'} realm="api"`,
  }
}

/** Whoever cannot be checked is not let in, however well they were known before. */
function refuseForStore(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error)
  return refuse('dependency_down', reason, { retryAfterSeconds })
}
