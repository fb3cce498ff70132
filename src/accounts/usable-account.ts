import type { AccountRecord } from '../stores/ports/account-store.ts'
import { endOfProbe } from './probe-account.ts'

export type UsableAccount = AccountRecord & { readonly passwordHash: string }

/** Whether a password can open an account at all, and for the log why not. */
export function toUsable(
  account: AccountRecord | null,
  now: number,
): UsableAccount | 'unknown' | 'disabled' | 'no_password' {
  if (account === null) return 'unknown'
  if (account.disabledAt !== null) return 'disabled'
  if (account.passwordHash === null) return 'no_password'
  const end = endOfProbe(account.id)
  if (end !== null && now >= end) return 'disabled'
  return account as UsableAccount
}
