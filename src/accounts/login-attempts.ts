import { BoundedCache } from '../core/bounded-cache.ts'
import type { PolicyDeps } from '../core/policy.ts'
import {
  type Attempt,
  type AttemptKind,
  type AttemptRefused,
  attemptStorePort,
  type Reserved,
} from '../stores/ports/attempt-store.ts'

/** An attempt that may be made: exactly one of these ends it. */
export interface BegunAttempt {
  readonly kind: 'begun'
  failed(): void
  /** Rejects with a `StoreError`. */
  succeeded(): Promise<void>
  /** Nobody has looked at the password. */
  cancelled(): Promise<void>
}

export interface LockedAttempt {
  readonly kind: 'locked'
  readonly by: AttemptKind
  /** A digest, for the log. */
  readonly account: string
  readonly retryAfterSeconds: number
}

/** What stands in front of every look at a password. */
export interface LoginAttempts {
  /** Rejects with a `StoreError`. */
  begin(attempt: Attempt): Promise<BegunAttempt | LockedAttempt>
}

interface Remembered extends AttemptRefused {
  readonly until: number
}

/** The store is asked again after so long at the latest, in case an operator took the lock away. */
const rememberedMs = 1000
const maxRemembered = 10_000

const events = {
  account: 'account_locked',
  knownClient: 'account_locked',
  client: 'address_locked',
  all: 'stuffing_suspected',
} as const satisfies Record<AttemptKind, string>

type AttemptDeps = Pick<PolicyDeps, 'provide' | 'shared' | 'log' | 'meter' | 'now'>

/** Counts attempts for all routes of a worker, and tells of failures and locks. */
export function shareLoginAttempts(deps: AttemptDeps): LoginAttempts {
  return deps.shared('login-attempts', () => createLoginAttempts(deps))
}

function createLoginAttempts({ provide, log, meter, now }: AttemptDeps): LoginAttempts {
  const store = provide(attemptStorePort)
  const counter = (outcome: string) =>
    meter.counter('portcullis_login_attempts_total', 'Attempts to log in with a password', { outcome })
  const counters = { failed: counter('failed'), refused: counter('refused'), succeeded: counter('succeeded') }
  const lockCounter = (event: string) =>
    meter.counter('portcullis_login_locks_total', 'How often failed attempts began to lock', { event })
  const locks = {
    account_locked: lockCounter('account_locked'),
    address_locked: lockCounter('address_locked'),
    stuffing_suspected: lockCounter('stuffing_suspected'),
  }
  // A flood of what is refused anyway should not become a flood of transactions.
  const refusals = new BoundedCache<Remembered>({ maxEntries: maxRemembered })

  function tell({ account, client, known, reached }: Reserved, address: string): void {
    counters.failed.add()
    const who = { account, client, address, known }
    log.info('attempt_failed', who)
    for (const kind of reached) {
      log.warn(events[kind], who)
      locks[events[kind]].add()
    }
  }

  function refuse({ by, account, retryAfterMs }: AttemptRefused): LockedAttempt {
    counters.refused.add()
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
    return { kind: 'locked', by, account, retryAfterSeconds }
  }

  return {
    async begin(attempt) {
      const key = JSON.stringify([attempt.tenant, attempt.username, attempt.client])
      const at = now()
      const remembered = refusals.get(key)
      if (remembered !== undefined && at < remembered.until) return refuse(remembered)
      const reserved = await store.reserve(attempt, at)
      if (reserved.kind === 'refused') {
        refusals.set(key, { ...reserved, until: at + Math.min(rememberedMs, reserved.retryAfterMs) })
        return refuse(reserved)
      }
      return {
        kind: 'begun',
        failed: () => tell(reserved, attempt.client),
        async succeeded() {
          counters.succeeded.add()
          await store.succeed(reserved, now())
        },
        cancelled: () => store.cancel(reserved),
      }
    },
  }
}
