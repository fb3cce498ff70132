import { type LoginAttempts, shareLoginAttempts } from '../../accounts/login-attempts.ts'
import { createPasswordCheck, type PasswordCheck } from '../../accounts/password-check.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import type { Counter } from '../../core/telemetry.ts'
import { accountLookupPort } from '../../stores/ports/account-store.ts'
import { type ChangeEpoch, changeEpochPort } from '../../stores/ports/change-log.ts'
import { factorLookupPort } from '../../stores/ports/factor-store.ts'
import { createGuardedLookup, type GuardedLookup } from './guarded-account.ts'
import { LoginCache } from './login-cache.ts'
import { PendingLogins } from './pending-logins.ts'

/** What all routes of a worker share. */
export interface Logins {
  readonly cache: LoginCache
  readonly pending: PendingLogins
  readonly attempts: LoginAttempts
  readonly passwords: PasswordCheck
  readonly lookup: GuardedLookup
  readonly epoch: ChangeEpoch
  readonly exposed: Counter
}

export function shareLogins(deps: PolicyDeps): Logins {
  const attempts = shareLoginAttempts(deps)
  return deps.shared('basic:logins', () => createLogins(deps, attempts))
}

function createLogins(deps: PolicyDeps, attempts: LoginAttempts): Logins {
  const { provide, meter, now } = deps
  const lookup = createGuardedLookup(provide(accountLookupPort), provide(factorLookupPort))
  const epoch = provide(changeEpochPort)
  const cache = new LoginCache({ lookup, epoch, now })
  const pending = new PendingLogins()
  meter.gauge('portcullis_basic_cached', 'Logins that are remembered', () => cache.size)
  meter.gauge('portcullis_basic_pending', 'Logins whose password is being looked at', () => pending.size)
  meter.total('portcullis_basic_cache_hits_total', 'Requests that needed no hash', () => cache.hits)
  const exposed = meter.counter('portcullis_basic_exposed_total', 'Passwords that came over plain HTTP')
  return { cache, pending, attempts, passwords: createPasswordCheck(deps), lookup, epoch, exposed }
}
