import { BoundedCache } from '../../core/bounded-cache.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import type { KeyRecord } from '../../stores/ports/key-store.ts'

/** Notes that a key is used whose end is near: whoever uses it has to get another one in time. */
export interface ExpiryWatch {
  note(record: KeyRecord, endsAt: number, now: number): void
}

const day = 86_400_000
const logEveryMs = 3_600_000
const maxLogged = 20_000

export function createExpiryWatch({ meter, log }: Pick<PolicyDeps, 'meter' | 'log'>): ExpiryWatch {
  const count = (within: string) =>
    meter.counter('portcullis_api_key_ending_uses_total', 'Requests with keys, or replaced secrets, that end soon', {
      within,
    })
  const steps = [
    { below: day, counter: count('1d') },
    { below: 7 * day, counter: count('7d') },
    { below: Infinity, counter: count('90d') },
  ]
  const logged = new BoundedCache<number>({ maxEntries: maxLogged })

  return {
    note(record, endsAt, now) {
      steps.find(({ below }) => endsAt - now <= below)?.counter.add()
      const last = logged.get(record.id)
      if (last !== undefined && now - last < logEveryMs) return
      logged.set(record.id, now)
      // A secret that was replaced ends before its key does: its caller has not taken over the new one.
      const because = record.expiresAt === endsAt ? 'expiry' : 'rotation'
      const { id, owner, environment } = record
      log.warn('api_key_ends_soon', { key: id, owner, environment, endsAt: new Date(endsAt).toISOString(), because })
    },
  }
}
