import { definePort } from '../../core/ports.ts'
import type { AccountRecord, NewAccount } from './account-store.ts'
import type { NewArtefact } from './artefact-store.ts'
import type { NewMail } from './mail-store.ts'

/** A token from a mail, used once. */
export interface TokenUse {
  readonly kind: string
  readonly digest: string
}

/** Signed tokens, which are kept nowhere: whose they are, and when the last of them that is out now has ended. */
export interface IssuedTokens {
  readonly issuer: string
  readonly endsAt: number
}

/** What ends of an account, and when. */
export interface AccountEnd {
  readonly accountId: string
  /** Null: nobody signs tokens for it. */
  readonly tokens: IssuedTokens | null
  readonly now: number
}

/** A new password, with which everything ends that was begun with the old one. */
export interface PasswordChange extends AccountEnd {
  /** Null: no password opens it any more. */
  readonly hash: string | null
  /** Tells the owner. */
  readonly mail: NewMail | null
  /** Null: the old password was given instead. */
  readonly token: TokenUse | null
  /**
   * When the password was set that the old one was compared with: another one that was set meanwhile stays. Absent: whatever
   * there is, it is changed.
   */
  readonly judged?: Pick<AccountRecord, 'passwordChangedAt'>
}

/** What ended. */
export interface SignedOut {
  /** Logins in browsers. */
  readonly sessions: number
  /** Grants to applications. */
  readonly applications: number
}

export interface GrantsEnd extends AccountEnd {
  /** Digests of grants of this account. */
  readonly grants: readonly string[]
}

export interface SessionEnd extends GrantsEnd {
  readonly session: string
  /** Kept as long as a request that goes on could bring the session back. */
  readonly mark: NewArtefact
}

export interface AccountRemoval extends AccountEnd {
  /** Digests under which something may be kept for its name. */
  readonly nameDigests: readonly string[]
  /** Keeps the name from being taken while anybody may still take a token of the old account for one of a new one. */
  readonly reserved: NewArtefact | null
  /** Tells the owner. */
  readonly mail: NewMail | null
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
  /** `ended`: there is an account already, or the token is none. */
  makeFirst(token: TokenUse, account: NewAccount): Promise<'done' | 'ended'>
  /** `ended`: the token was used, the account is gone, or its password is not the one that was judged any more. */
  changePassword(change: PasswordChange): Promise<'done' | 'ended'>
  /** Ends every login, in browsers and in applications; null where there is no such account. */
  signOut(end: AccountEnd): Promise<SignedOut | null>
  /** Ends one login, in one browser. */
  endSession(end: SessionEnd): Promise<boolean>
  /** Takes back what an application was allowed; answers how many of its grants ended. */
  withdraw(end: GrantsEnd, clientId: string): Promise<number>
  /** Removes the account, with everything that belongs to it. */
  remove(removal: AccountRemoval): Promise<boolean>
}

export const peopleStorePort = definePort<PeopleStore>('people-store')
