import type { Account, FindAccount } from 'oidc-provider'
import { findVerifiedAddress } from '../../accounts/verified-address.ts'
import type { AccountLookup, AccountRecord } from '../../stores/ports/account-store.ts'

/** Accounts as oidc-provider asks for them, at each step: one that was disabled gets nothing any more. */
export function createFindAccount(lookup: AccountLookup): FindAccount {
  return async (_ctx, id) => {
    const account = await lookup.find(id)
    return account === null || account.disabledAt !== null ? undefined : toAccount(account)
  }
}

function toAccount(account: AccountRecord): Account {
  const { id, username } = account
  const email = findVerifiedAddress(account)
  const address = email === null ? {} : { email, email_verified: true }
  return { accountId: id, claims: async () => ({ sub: id, preferred_username: username, ...address }) }
}
