import { type LoginAttempts, shareLoginAttempts } from '../../accounts/login-attempts.ts'
import { createPasswordCheck, type PasswordCheck } from '../../accounts/password-check.ts'
import { toUsable, type UsableAccount } from '../../accounts/usable-account.ts'
import { type AccountLookup, accountLookupPort } from '../../stores/ports/account-store.ts'
import type { IdentityDeps } from '../deps.ts'
import type { LoginProblem } from '../pages/login-page.ts'

export interface PasswordLogin {
  readonly username: string
  readonly password: string
  /** `Client.key`. */
  readonly client: string
}

/** Looks at a name and a password, as `basic` does: with its limits, and in the same time whoever it may be. */
export interface Passwords {
  check(login: PasswordLogin): Promise<UsableAccount | LoginProblem>
}

export function createPasswords(deps: IdentityDeps, tenant: string | null): Passwords {
  const attempts: LoginAttempts = shareLoginAttempts(deps)
  const lookup: AccountLookup = deps.provide(accountLookupPort)
  const passwords: PasswordCheck = createPasswordCheck(deps)
  const { now, log } = deps

  async function verify({ username, password, client }: PasswordLogin): Promise<UsableAccount | LoginProblem> {
    const attempt = await attempts.begin({ tenant, username, client })
    if (attempt.kind === 'locked') return { kind: 'locked', retryAfterSeconds: attempt.retryAfterSeconds }
    let account: ReturnType<typeof toUsable>
    let valid: boolean
    try {
      account = toUsable(await lookup.findByUsername(tenant, username), now())
      valid = await passwords.verify(password, typeof account === 'string' ? null : account)
    } catch (error) {
      await attempt.cancelled()
      throw error
    }
    if (typeof account === 'string' || !valid) {
      attempt.failed()
      return { kind: 'wrong' }
    }
    await attempt.succeeded()
    return account
  }

  return {
    async check(login) {
      try {
        return await verify(login)
      } catch (error) {
        log.error('login_not_judged', { error })
        return { kind: 'unavailable' }
      }
    },
  }
}
