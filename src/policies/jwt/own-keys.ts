import type { PolicyDeps } from '../../core/policy.ts'
import type { VerificationKey } from '../../crypto/tokens/verification-key.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { type SigningKeyRecord, signingKeyLookupPort } from '../../stores/ports/signing-key-store.ts'
import { parseKeySet } from './key-set.ts'
import type { KeySource } from './key-source.ts'

/** The least time between two looks that tokens with unknown keys set off. */
const cooldownMs = 1000

/**
 * The keys of the identity server in the same process: read from the store, without a request to ourselves. They are
 * followed through the change log, so that a key is believed from the moment at which it is published.
 */
export function createOwnKeys({ provide, now, log }: PolicyDeps, tenant?: string): KeySource {
  const lookup = provide(signingKeyLookupPort)
  const epoch = provide(changeEpochPort)
  let keys: readonly VerificationKey[] = []
  let seen = Number.NaN
  let lookedAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | null = null

  /** Keys that are still there stay the same objects, so that what they signed stays cached. */
  function adopt(records: readonly SigningKeyRecord[]): void {
    const before = new Map(keys.map((key) => [key.id, key]))
    const document = { keys: records.map(({ publicKey }) => JSON.parse(publicKey) as unknown) }
    keys = records.length === 0 ? [] : parseKeySet(document, ['ES256']).keys.map((key) => before.get(key.id) ?? key)
    const kept = new Set(keys)
    for (const key of before.values()) if (!kept.has(key)) key.retired = true
  }

  function look(): void | Promise<void> {
    const at = epoch.current()
    lookedAt = now()
    const found = lookup.list(tenant)
    if (!(found instanceof Promise)) {
      adopt(found)
      seen = at
      return
    }
    running ??= found
      .then((records) => {
        adopt(records)
        seen = at
      })
      .finally(() => {
        running = null
      })
    return running
  }

  const failed = (error: unknown) => {
    log.warn('issuer_keys_failed', {
      issuer: tenant ?? 'identity',
      reason: error instanceof Error ? error.message : String(error),
    })
  }

  return {
    get keys() {
      return keys
    },
    usable() {
      if (epoch.current() === seen) return keys.length > 0
      try {
        const looking = look()
        if (looking instanceof Promise) looking.catch(failed)
      } catch (error) {
        failed(error)
      }
      return keys.length > 0
    },
    async becomeUsable() {
      try {
        await look()
      } catch (error) {
        failed(error)
      }
      return keys.length > 0
    },
    async refreshForUnknown() {
      const since = now() - lookedAt
      if (since < 0 || since >= cooldownMs) await Promise.resolve().then(look).catch(failed)
    },
  }
}
