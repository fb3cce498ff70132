import { toUsable, type UsableAccount } from '../../accounts/usable-account.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { BasicFailure } from './codes.ts'

const failures = {
  unknown: 'basic_unknown',
  disabled: 'basic_disabled',
  no_password: 'basic_no_password',
} as const satisfies Record<string, BasicFailure>

/** Whether a password can open an account at all. */
export function checkAccount(account: AccountRecord | null, now: number): UsableAccount | BasicFailure {
  const usable = toUsable(account, now)
  return typeof usable === 'string' ? failures[usable] : usable
}
