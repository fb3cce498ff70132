import { toUsable, type UsableAccount } from '../../accounts/usable-account.ts'
import type { BasicFailure } from './codes.ts'
import type { GuardedAccount } from './guarded-account.ts'

const failures = {
  unknown: 'basic_unknown',
  disabled: 'basic_disabled',
  no_password: 'basic_no_password',
} as const satisfies Record<string, BasicFailure>

/** Whether a password can open an account at all: alone, it opens none that takes a second factor elsewhere. */
export function checkAccount(account: GuardedAccount | null, now: number): UsableAccount | BasicFailure {
  if (account?.hasSecondFactor) return 'basic_second_factor'
  const usable = toUsable(account, now)
  return typeof usable === 'string' ? failures[usable] : usable
}
