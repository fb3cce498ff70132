import type { PolicyDeps } from '../core/policy.ts'
import { PasswordError } from '../crypto/passwords/password-error.ts'
import type { PasswordHasher } from '../crypto/passwords/password-hasher.ts'
import { passwordHasherPort } from '../crypto/passwords/password-hasher-port.ts'
import { type AccountStore, accountStorePort } from '../stores/ports/account-store.ts'
import type { UsableAccount } from './usable-account.ts'

export interface PasswordCheck {
  /** As much work whether there is an account or not. Rejects with a `PasswordError`. */
  verify(password: string, account: UsableAccount | null): Promise<boolean>
}

export function createPasswordCheck({
  provide,
  log,
  meter,
}: Pick<PolicyDeps, 'provide' | 'log' | 'meter'>): PasswordCheck {
  const hasher = provide(passwordHasherPort)
  const accounts = provide(accountStorePort)
  const rehashed = meter.counter(
    'portcullis_basic_rehashed_total',
    'Passwords that were hashed anew because hashes are stronger now',
  )

  async function rehash(password: string, { id, passwordHash }: UsableAccount): Promise<void> {
    try {
      if (await replaceHash(hasher, accounts, password, id, passwordHash)) rehashed.add()
    } catch (error) {
      // The old hash still works; the next login tries again.
      log.info('basic_not_rehashed', { account: id, reason: (error as Error).message })
    }
  }

  return {
    async verify(password, account) {
      if (account === null) return (await hasher.verifyNothing(password)).valid
      try {
        const { valid, needsRehash } = await hasher.verify(password, account.passwordHash)
        // Nobody waits for it.
        if (needsRehash) void rehash(password, account)
        return valid
      } catch (error) {
        if (!(error instanceof PasswordError) || error.code !== 'hash_invalid') throw error
        log.error('account_hash_invalid', { account: account.id, reason: error.message })
        return (await hasher.verifyNothing(password)).valid
      }
    },
  }
}

/** A password that was changed meanwhile does not come back. */
async function replaceHash(
  hasher: PasswordHasher,
  accounts: AccountStore,
  password: string,
  id: string,
  from: string,
): Promise<boolean> {
  return accounts.replaceHash(id, from, await hasher.hash(password))
}
