import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { BasicFailure } from './codes.ts'
import { endOfProbe } from './probe-account.ts'

export type UsableAccount = AccountRecord & { readonly passwordHash: string }

/** Whether a password can open an account at all. */
export function checkAccount(account: AccountRecord | null, now: number): UsableAccount | BasicFailure {
  if (account === null) return 'basic_unknown'
  if (account.disabledAt !== null) return 'basic_disabled'
  if (account.passwordHash === null) return 'basic_no_password'
  const end = endOfProbe(account.id)
  if (end !== null && now >= end) return 'basic_disabled'
  return account as UsableAccount
}
