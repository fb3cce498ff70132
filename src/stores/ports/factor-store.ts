import { definePort } from '../../core/ports.ts'
import type { NewMail } from './mail-store.ts'
import type { TokenUse } from './people-store.ts'

export type FactorKind = 'totp' | 'passkey' | 'recovery'

/** Something that an account proves itself with beside its password, or in its place. Times are epoch milliseconds. */
export interface FactorRecord {
  readonly id: string
  /** The account's id. */
  readonly account: string
  readonly kind: FactorKind
  /** Sealed for this row of this account: moved to another one, it cannot be opened. */
  readonly data: string
  /** What its owner calls it. */
  readonly label: string | null
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export type NewFactor = Omit<FactorRecord, 'lastUsedAt'>

/** A use of a factor, which changes what is kept of it: a step of time that has gone, a code less, a count. */
export interface FactorUse {
  readonly id: string
  /** What it was judged by. */
  readonly from: string
  readonly to: string
  /** Tells the owner of it. Default: nothing does. */
  readonly mail?: NewMail | null
  readonly now: number
}

/** The factors, for who uses them. Everything rejects with a `StoreError` when the store cannot. */
export interface FactorStore {
  /**
   * Only where `from` is still what is stored. Of any number of callers that judged by the same data, on any number of
   * machines, one is answered true.
   */
  use(use: FactorUse): Promise<boolean>
}

export const factorStorePort = definePort<FactorStore>('factor-store')

/** What a login needs of them. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface FactorLookup {
  /** All of an account, the oldest first. */
  list(account: string): readonly FactorRecord[] | Promise<readonly FactorRecord[]>
}

export const factorLookupPort = definePort<FactorLookup>('factor-lookup')

/** What one account may have of them. */
export const maxFactors = 10

export interface FactorAddition {
  readonly factor: NewFactor
  /** Takes the place of those that there are; null: they stay. */
  readonly recovery: NewFactor | null
  /** What it was begun with, used once. */
  readonly enrolment: TokenUse
  /** Tells the owner. */
  readonly mail: NewMail | null
  readonly now: number
}

export interface FactorRemoval {
  readonly account: string
  /** Null: all of them, and the passkeys. */
  readonly id: string | null
  /** By which what was kept for the account is found. */
  readonly accountDigest: string
  readonly mail: NewMail | null
  readonly now: number
}

/**
 * What becomes of the factors of an account. Each call happens wholly or not at all, with its line of the audit trail.
 * Everything rejects with a `StoreError` when the store cannot.
 */
export interface FactorChanges {
  /** `ended`: the enrolment was used, or is too old. `full`: there are `maxFactors` already. */
  add(addition: FactorAddition): Promise<'done' | 'ended' | 'full'>
  /** With it end browsers that were remembered; answers how many factors. */
  remove(removal: FactorRemoval): Promise<number>
  /** New recovery codes take the place of the old ones. */
  replaceRecovery(factor: NewFactor, mail: NewMail | null): Promise<void>
}

export const factorChangesPort = definePort<FactorChanges>('factor-changes')
