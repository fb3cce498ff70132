import { definePort } from '../../core/ports.ts'
import type { FactorRecord, NewFactor } from './factor-store.ts'
import type { NewMail } from './mail-store.ts'

export interface NewPasskeyFactor extends NewFactor {
  /** The digest of the credential's id: no two factors have the same. */
  readonly handle: string
}

/** More than anybody has devices. */
export const maxPasskeys = 20

/**
 * Passkeys, which are factors of accounts. What adds or removes one is in the audit trail, and tells the owner by mail, in
 * one transaction. Everything rejects with a `StoreError` when the store cannot.
 */
export interface PasskeyStore {
  /** `taken`: there is such a credential, whoever has it. `full`: the account has as many as it may. */
  add(passkey: NewPasskeyFactor, mail: NewMail | null): Promise<'added' | 'taken' | 'full' | 'no_account'>
  rename(account: string, id: string, label: string): Promise<boolean>
  /** `last`: without it, nothing would open the account. */
  remove(account: string, id: string, mail: NewMail | null, now: number): Promise<'removed' | 'unknown' | 'last'>
}

export const passkeyStorePort = definePort<PasskeyStore>('passkey-store')

/** What a login needs of them. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface PasskeyLookup {
  findByHandle(handle: string): FactorRecord | null | Promise<FactorRecord | null>
}

export const passkeyLookupPort = definePort<PasskeyLookup>('passkey-lookup')
