import type { VerificationKey } from '../../crypto/tokens/verification-key.ts'

/** Where an issuer's keys come from. Times are epoch milliseconds. */
export interface KeySource {
  readonly keys: readonly VerificationKey[]
  /** Whether the keys at hand may be used now; sets a refresh off in the background when one is due. */
  usable(now: number): boolean
  /** Waits for keys that may be used; false where there are none because the issuer cannot be reached. */
  becomeUsable(now: number): Promise<boolean>
  /** Fetches the keys again because a token names one that is not among them, unless that was done just before. */
  refreshForUnknown(now: number): Promise<void>
}

/** Keys that were given with the configuration. */
export function createStaticKeySource(keys: readonly VerificationKey[]): KeySource {
  return {
    keys,
    usable: () => true,
    becomeUsable: async () => true,
    refreshForUnknown: async () => {},
  }
}
