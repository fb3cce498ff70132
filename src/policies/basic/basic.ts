import type { BegunAttempt } from '../../accounts/login-attempts.ts'
import { absent, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { toUsername } from '../../stores/ports/username.ts'
import { checkAccount } from './account-check.ts'
import { toIdentified } from './account-principal.ts'
import { isSame, type KnownLogin } from './login-cache.ts'
import { shareLogins } from './logins.ts'
import type { BasicOptions } from './options.ts'
import { type PresentedLogin, takePresentedLogin } from './presented-login.ts'

const retryAfterSeconds = 1

/** Identifies callers by a user name and a password (RFC 7617) of the account store. */
export function createBasic(options: BasicOptions, deps: PolicyDeps): Hooks {
  const { now, log } = deps
  const tenant = options.tenant ?? null
  const { cache, attempts, passwords, lookup, epoch, exposed, pending } = shareLogins(deps)
  const accepted = deps.slot<KnownLogin>()

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const presented = takePresentedLogin(exchange)
    if (presented === null) return absent
    if (exchange.scheme !== 'https') {
      exposed.add()
      log.warn('basic_exposed', { client: exchange.client.address, advice: 'the password must be changed' })
      return refuse('basic_over_http')
    }
    if (typeof presented === 'string') return refuse(presented)
    const key = cache.toKey(tenant, toUsername(presented.username) ?? presented.username, presented.password)
    try {
      const known = cache.find(key, options.cacheLifetime)
      if (known === null) return logInOnce(exchange, key, presented)
      if (!(known instanceof Promise)) return accept(exchange, known)
      return known.then(
        (confirmed) => (confirmed === null ? logInOnce(exchange, key, presented) : accept(exchange, confirmed)),
        refuseForDependency,
      )
    } catch (error) {
      return refuseForDependency(error)
    }
  }

  /** What comes with the same password while it is being looked at waits for the answer: one hash, one attempt. */
  async function logInOnce(exchange: Exchange, key: string, login: PresentedLogin): Promise<Identification> {
    const run = `${key} ${exchange.client.key}`
    const begun = pending.get(run) ?? pending.add(run, () => logIn(exchange, key, login))
    if (begun === null) return refuse('dependency_down', 'too many passwords wait', { retryAfterSeconds })
    const result = await begun
    return 'kind' in result ? result : accept(exchange, result)
  }

  async function logIn(
    exchange: Exchange,
    key: string,
    { username, password }: PresentedLogin,
  ): Promise<KnownLogin | Refusal> {
    try {
      const attempt = await attempts.begin({ tenant, username, client: exchange.client.key })
      if (attempt.kind === 'locked') {
        const { by, account, retryAfterSeconds } = attempt
        return refuse('basic_locked', `${by}, account ${account}`, { retryAfterSeconds })
      }
      return await verify(attempt, key, username, password)
    } catch (error) {
      return refuseForDependency(error)
    }
  }

  async function verify(
    attempt: BegunAttempt,
    key: string,
    username: string,
    password: string,
  ): Promise<KnownLogin | Refusal> {
    // Read before the account is: what changes meanwhile is looked at again.
    const from = epoch.current()
    let judged: ReturnType<typeof checkAccount>
    let valid: boolean
    try {
      judged = checkAccount(await lookup.findByUsername(tenant, username), now())
      valid = await passwords.verify(password, typeof judged === 'string' ? null : judged)
    } catch (error) {
      await attempt.cancelled()
      throw error
    }
    if (typeof judged === 'string' || !valid) {
      attempt.failed()
      return typeof judged === 'string' ? refuse(judged) : refuse('basic_password', judged.id)
    }
    await attempt.succeeded()
    const login = { account: judged, identified: toIdentified(judged), epoch: from, verifiedAt: now() }
    return (await cache.add(key, login)) ?? refuse('basic_password', `${judged.id}, changed meanwhile`)
  }

  function accept(exchange: Exchange, login: KnownLogin): Identification {
    accepted.set(exchange, login)
    return login.identified
  }

  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const login = accepted.get(exchange)
    if (login === undefined) return false
    const account = await lookup.find(login.account.id)
    return isSame(login.account, account) && typeof checkAccount(account, now()) !== 'string'
  }

  return { identify, stillHolds, challenge: `Basic realm="${options.realm}", charset="UTF-8"` }
}

/** Whoever cannot be checked is not let in. That too many wait says nothing of the password either. */
function refuseForDependency(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error)
  return refuse('dependency_down', reason, { retryAfterSeconds })
}
