import { createHmac, randomBytes } from 'node:crypto'
import { BoundedCache } from '../../core/bounded-cache.ts'
import type { Identified } from '../../core/decision.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { ChangeEpoch } from '../../stores/ports/change-log.ts'
import { checkAccount } from './account-check.ts'
import { toIdentified } from './account-principal.ts'
import type { GuardedAccount, GuardedLookup } from './guarded-account.ts'

/** A password that was right for an account as it was then. */
export interface KnownLogin {
  readonly account: AccountRecord
  readonly identified: Identified
  readonly epoch: number
  readonly verifiedAt: number
}

/** Null: it no longer holds. */
type Confirmed = KnownLogin | null | Promise<KnownLogin | null>

export interface LoginCacheOptions {
  readonly lookup: GuardedLookup
  readonly epoch: ChangeEpoch
  readonly now: () => number
}

const maxLogins = 10_000

/**
 * Remembers logins that were right, under a digest that only this thread can make, so that not every request pays for a
 * hash. What may have changed since is looked up again: then the account is read, not the password hashed.
 */
export class LoginCache {
  readonly #logins = new BoundedCache<KnownLogin>({ maxEntries: maxLogins })
  readonly #secret = randomBytes(32)
  readonly #options: LoginCacheOptions
  hits = 0

  constructor(options: LoginCacheOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#logins.size
  }

  toKey(tenant: string | null, username: string, password: string): string {
    const hmac = createHmac('sha256', this.#secret)
    for (const part of [tenant ?? '', username, password]) hmac.update(`${Buffer.byteLength(part)}:${part}`)
    return hmac.digest('base64url')
  }

  /** Synchronous where the store is. Throws or rejects when it has to be read and cannot be. */
  find(key: string, lifetimeMs: number): Confirmed {
    const login = this.#logins.get(key)
    if (login === undefined) return null
    const age = this.#options.now() - login.verifiedAt
    if (age < 0 || age >= lifetimeMs || this.#isOver(login)) {
      this.#logins.delete(key)
      return null
    }
    this.hits++
    return this.#confirm(key, login)
  }

  /** Takes up a login; what has changed since `epoch` was read is looked at once more. */
  add(key: string, login: KnownLogin): Confirmed {
    this.#logins.set(key, login)
    return this.#confirm(key, login)
  }

  /** Whether the account is still what it was when the login was right. */
  #confirm(key: string, login: KnownLogin): Confirmed {
    const { lookup, epoch } = this.#options
    const current = epoch.current()
    if (login.epoch === current && epoch.readable()) return login
    const found = lookup.find(login.account.id)
    const conclude = (account: GuardedAccount | null) => this.#renew(key, login, account, current)
    return found instanceof Promise ? found.then(conclude) : conclude(found)
  }

  #renew(key: string, login: KnownLogin, account: GuardedAccount | null, epoch: number): KnownLogin | null {
    if (!isSame(login.account, account) || typeof checkAccount(account, this.#options.now()) === 'string') {
      this.#logins.delete(key)
      return null
    }
    const renewed = { ...login, account, identified: toIdentified(account), epoch }
    this.#logins.set(key, renewed)
    return renewed
  }

  #isOver({ identified: { principal } }: KnownLogin): boolean {
    return principal.expiresAt !== null && this.#options.now() >= principal.expiresAt
  }
}

/** The same account, under the same name and with the same password. */
export function isSame(before: AccountRecord, after: GuardedAccount | null): after is GuardedAccount {
  return (
    after !== null &&
    after.id === before.id &&
    after.username === before.username &&
    after.tenant === before.tenant &&
    after.passwordChangedAt === before.passwordChangedAt
  )
}
