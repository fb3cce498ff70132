import { toUsable, type UsableAccount } from '../../accounts/usable-account.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { BasicFailure } from './codes.ts'

/** Whether a password can open an account at all. */
export function checkAccount(account: AccountRecord | null, now: number): UsableAccount | BasicFailure {
  const usable = toUsable(account, now)
  return typeof usable === 'string' ? `basic_${usable}` : usable
}
