import { definePort } from '../../core/ports.ts'
import type { NewMail } from './mail-store.ts'

/** A passkey of an account. Nothing of it is secret: what it is found by, and what it is verified with. */
export interface PasskeyRecord {
  readonly id: string
  readonly accountId: string
  /** Unique, as `base64url`. */
  readonly credentialId: string
  /** A COSE key (RFC 9052 section 7), as `base64url`. */
  readonly publicKey: string
  /** How often it was used, as it counts itself; 0 where it does not count. */
  readonly counter: number
  /** How browsers reach it: `internal`, `hybrid`, `usb`… */
  readonly transports: readonly string[]
  /** Whether it may be on several devices, kept by a password manager. */
  readonly synced: boolean
  readonly name: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export type NewPasskeyRecord = Omit<PasskeyRecord, 'lastUsedAt'>

/** More than anybody has devices. */
export const maxPasskeys = 20

/**
 * The passkeys of accounts. What changes them is in the audit trail, and tells the owner by mail, in one transaction.
 * Everything rejects with a `StoreError` when the store cannot.
 */
export interface PasskeyStore {
  /** `taken`: there is such a credential, whoever has it. `full`: the account has as many as it may. */
  add(passkey: NewPasskeyRecord, mail: NewMail | null): Promise<'added' | 'taken' | 'full' | 'no_account'>
  rename(accountId: string, id: string, name: string): Promise<boolean>
  /** `last`: without it, nothing would open the account. */
  remove(accountId: string, id: string, mail: NewMail | null, now: number): Promise<'removed' | 'unknown' | 'last'>
  /**
   * It was used. Of two uses at the same time that count the same, one is refused: false where the counter did not go
   * up, of a passkey that counts (WebAuthn section 7.2 step 22).
   */
  use(id: string, counter: number, now: number): Promise<boolean>
}

export const passkeyStorePort = definePort<PasskeyStore>('passkey-store')

/** What a request needs of them. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface PasskeyLookup {
  findByCredential(credentialId: string): PasskeyRecord | null | Promise<PasskeyRecord | null>
  /** Oldest first. */
  list(accountId: string): readonly PasskeyRecord[] | Promise<readonly PasskeyRecord[]>
}

export const passkeyLookupPort = definePort<PasskeyLookup>('passkey-lookup')
