import type { AccountLookup, AccountRecord } from '../../stores/ports/account-store.ts'
import type { FactorLookup, FactorRecord } from '../../stores/ports/factor-store.ts'

/** An account, with whether its owner proves themselves with something else beside the password. */
export interface GuardedAccount extends AccountRecord {
  readonly hasSecondFactor: boolean
}

type Found = GuardedAccount | null | Promise<GuardedAccount | null>

/** Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface GuardedLookup {
  find(id: string): Found
  findByUsername(tenant: string | null, username: string): Found
}

/** As many reads whether there is an account or not. */
export function createGuardedLookup(accounts: AccountLookup, factors: FactorLookup): GuardedLookup {
  function add(account: AccountRecord | null): Found {
    const held = factors.list(account?.id ?? '')
    return held instanceof Promise ? held.then((known) => toGuarded(account, known)) : toGuarded(account, held)
  }
  const then = (found: ReturnType<AccountLookup['find']>): Found =>
    found instanceof Promise ? found.then(add) : add(found)
  return {
    find: (id) => then(accounts.find(id)),
    findByUsername: (tenant, username) => then(accounts.findByUsername(tenant, username)),
  }
}

/** Recovery codes are nothing by themselves. */
function toGuarded(account: AccountRecord | null, held: readonly FactorRecord[]): GuardedAccount | null {
  return account === null ? null : { ...account, hasSecondFactor: held.some(({ kind }) => kind !== 'recovery') }
}
