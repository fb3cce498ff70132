import { definePort } from '../../core/ports.ts'
import type { NewAccount } from './account-store.ts'
import type { NewArtefact } from './artefact-store.ts'
import type { NewMail } from './mail-store.ts'
import type { Revocation } from './revocation-store.ts'

/** A token from a mail, used once. */
export interface TokenUse {
  readonly kind: string
  readonly digest: string
}

/** A new password, with which everything ends that was begun with the old one. */
export interface PasswordChange {
  readonly accountId: string
  readonly hash: string
  /** What is kept for the account is found by it. */
  readonly accountDigest: string
  /** For tokens that are kept nowhere. */
  readonly revocation: Revocation
  /** Tells the owner. */
  readonly mail: NewMail | null
  /** Null: the old password was given instead. */
  readonly token: TokenUse | null
  readonly now: number
}

/**
 * What people do to their own accounts. Each call happens wholly or not at all, with its line of the audit trail.
 * Everything rejects with a `StoreError` when the store cannot.
 */
export interface PeopleStore {
  /** Keeps a token, and sends the mail that brings it. */
  ask(token: NewArtefact, mail: NewMail): Promise<void>
  /** `ended`: the token was used, or has ended. `taken`: there is such an account by now. */
  signUp(token: TokenUse, account: NewAccount): Promise<'done' | 'ended' | 'taken'>
  changePassword(change: PasswordChange): Promise<'done' | 'ended'>
}

export const peopleStorePort = definePort<PeopleStore>('people-store')
