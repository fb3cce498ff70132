import type { AccountLookup, AccountRecord } from '../../stores/ports/account-store.ts'
import type { Connection, ConnectionLookup } from '../../stores/ports/connection-store.ts'
import type { IdentityOptions } from '../options.ts'

/**
 * Accounts with the roles that other servers give beside those of their own. They hold for as long as a login does, and no
 * longer than the policy file would give them.
 */
export function addUpstreamRoles(
  accounts: AccountLookup,
  connections: ConnectionLookup,
  { providers = {}, sessions }: Pick<IdentityOptions, 'providers' | 'sessions'>,
  now: () => number,
): AccountLookup {
  const given = new Map(
    Object.entries(providers).map(([name, options]) => [name, new Set(options?.roles.flatMap(({ roles }) => roles))]),
  )
  if ([...given.values()].every(({ size }) => size === 0)) return accounts

  function toRoles({ provider, roles, usedAt }: Connection): readonly string[] {
    return usedAt + sessions.lifetime > now() ? roles.filter((role) => given.get(provider)?.has(role)) : []
  }
  async function add(account: AccountRecord | null): Promise<AccountRecord | null> {
    if (account === null) return null
    const more = (await connections.listOf(account.id)).flatMap(toRoles)
    return more.length === 0 ? account : { ...account, roles: [...new Set([...account.roles, ...more])] }
  }

  return {
    find: async (id) => add(await accounts.find(id)),
    findByUsername: async (tenant, username) => add(await accounts.findByUsername(tenant, username)),
  }
}
