import { passkeyFactor } from './passkey-factor.ts'
import { recoveryFactor } from './recovery-factor.ts'
import type { SecondFactor } from './second-factor.ts'
import { totpFactor } from './totp-factor.ts'

/** Every kind of second factor, the one that is offered first first. */
export const secondFactors: readonly SecondFactor[] = [passkeyFactor, totpFactor, recoveryFactor]
