import type { PolicyDeps } from '../../core/policy.ts'
import type { KeyLookup, KeyRecord } from '../../stores/ports/key-store.ts'

const repeatAfterMs = 10_000

/**
 * A look-up that says once that the store fails, again every ten seconds while it does, and once that it works again.
 * What the store throws is passed on.
 */
export function watchLookup(
  lookup: KeyLookup,
  { log, meter, now }: Pick<PolicyDeps, 'log' | 'meter' | 'now'>,
): KeyLookup {
  const failures = meter.counter(
    'portcullis_api_key_store_failures_total',
    'Look-ups of keys that the store did not answer',
  )
  let failingSince: number | null = null
  let toldAt = 0

  function fail(error: unknown): never {
    failures.add()
    const at = now()
    if (failingSince === null || at - toldAt >= repeatAfterMs) {
      failingSince ??= at
      toldAt = at
      const reason = error instanceof Error ? error.message : String(error)
      log.error('api_key_store_down', { reason, effect: 'callers with API keys are refused until it works again' })
    }
    throw error
  }

  function succeed(record: KeyRecord | null): KeyRecord | null {
    if (failingSince !== null) log.info('api_key_store_recovered', { downMs: now() - failingSince })
    failingSince = null
    return record
  }

  function watch(ask: KeyLookup['find']): KeyLookup['find'] {
    return (text) => {
      let found: ReturnType<KeyLookup['find']>
      try {
        found = ask(text)
      } catch (error) {
        return fail(error)
      }
      return found instanceof Promise ? found.then(succeed, fail) : succeed(found)
    }
  }

  return {
    find: watch((id) => lookup.find(id)),
    findByDigest: watch((digest) => lookup.findByDigest(digest)),
  }
}
