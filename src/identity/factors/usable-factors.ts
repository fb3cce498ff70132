import type { FactorLookup } from '../../stores/ports/factor-store.ts'

/** Passkeys that were switched off are no second factor: nobody could prove one, or log in again. */
export function withoutPasskeys(factors: FactorLookup): FactorLookup {
  return { list: async (account) => (await factors.list(account)).filter(({ kind }) => kind !== 'passkey') }
}
