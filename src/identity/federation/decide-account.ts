import { randomText } from '../../crypto/random-text.ts'
import type { AccountLookup, AccountRecord } from '../../stores/ports/account-store.ts'
import type { Connection, ConnectionLookup, ConnectionStore } from '../../stores/ports/connection-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import { parseAddress } from '../mail/address.ts'
import type { Arrived } from './trips.ts'

export interface DecideDeps {
  readonly tenant: string | null
  readonly signUp: boolean
  readonly accounts: AccountLookup
  readonly lookup: ConnectionLookup
  readonly store: ConnectionStore
  readonly now: () => number
}

/**
 * Whose login it is. `confirm`: there is an account of that address, whose owner has to show that it is theirs. `reserved`:
 * an account of that address was removed a short while ago.
 */
export type Decided =
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'confirm'; readonly account: AccountRecord }
  | { readonly kind: 'unknown' | 'refused' | 'reserved' }

/**
 * The account of somebody whom another server vouches for. They are known by that server's name and its name for them, and
 * by nothing else: an address says at most which account somebody could prove to be theirs, and one that nobody has
 * verified says nothing at all.
 */
export async function decideAccount(arrived: Arrived, deps: DecideDeps): Promise<Decided> {
  const { tenant, signUp, accounts, lookup, store, now } = deps
  const { issuer, subject, provider, email, roles } = arrived
  // Whoever was quicker has made what is found at the second look.
  for (let turn = 0; turn < 3; turn++) {
    const known = await lookup.find({ tenant, issuer, subject })
    if (known !== null) {
      if (!isOpen(await accounts.find(known.accountId))) return { kind: 'refused' }
      await store.use({ id: known.id, provider, email, roles, now: now() })
      return { kind: 'account', accountId: known.accountId }
    }
    const address = arrived.emailVerified && email !== null ? parseAddress(email) : null
    const namesake = address === null ? null : await accounts.findByUsername(tenant, address)
    if (namesake !== null) return isOpen(namesake) ? { kind: 'confirm', account: namesake } : { kind: 'refused' }
    if (!signUp) return { kind: 'unknown' }
    const accountId = randomText(16)
    const username = address ?? `${provider}-${randomText(12).toLowerCase()}`
    const account = {
      ...{ id: accountId, tenant, username, passwordHash: null },
      ...{ roles: [], scopes: [], attributes: {}, createdAt: now() },
    }
    const made = await store.signUp(account, toConnection(arrived, accountId, deps)).catch(explainConflict)
    if (made === 'done') return { kind: 'account', accountId }
    if (made === 'reserved') return { kind: 'reserved' }
  }
  throw new Error('the account changes faster than it can be looked at')
}

export function toConnection(
  {
    provider,
    issuer,
    subject,
    email,
    roles,
  }: Omit<Arrived, 'purpose' | 'browser' | 'emailVerified' | 'authenticatedAt'>,
  accountId: string,
  { tenant, now }: Pick<DecideDeps, 'tenant' | 'now'>,
): Connection {
  const at = now()
  return { id: randomText(16), accountId, tenant, provider, issuer, subject, email, roles, createdAt: at, usedAt: at }
}

function isOpen(account: AccountRecord | null): account is AccountRecord {
  return account !== null && account.disabledAt === null
}

function explainConflict(error: unknown): 'taken' {
  if (error instanceof StoreError && error.failure === 'conflict') return 'taken'
  throw error
}
