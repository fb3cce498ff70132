import type { FactorLookup } from '../../stores/ports/factor-store.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'

/** Passkeys that were switched off are no second factor: nobody could prove one, or log in again. */
export function toUsableFactors(factors: FactorLookup, passkeys: Passkeys | null): FactorLookup {
  if (passkeys !== null) return factors
  return { list: async (account) => (await factors.list(account)).filter(({ kind }) => kind !== 'passkey') }
}
