import type { Port, Provide } from '../../core/ports.ts'
import { type AccountRecord, accountLookupPort } from '../../stores/ports/account-store.ts'
import { clientLookupPort, clientStorePort } from '../../stores/ports/client-store.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'
import { signingKeyLookupPort, signingKeyStorePort } from '../../stores/ports/signing-key-store.ts'
import type { IdentityOptions } from '../options.ts'

type Scoped<T> = (inner: T) => T

function scope<T extends object>(port: Port<T>, scoped: Scoped<T>): [Port<unknown>, Scoped<unknown>] {
  return [port, scoped as Scoped<unknown>]
}

/**
 * The stores as one issuer is handed them: accounts, clients, keys and limits of others are not there. Whatever is built
 * on them is separated without knowing of tenants. What is kept of logins and tokens is separated by `SealedPayloads`.
 */
export function toTenantPorts(provide: Provide, options: IdentityOptions): Provide {
  const { realm } = options
  const tenant = options.tenant ?? null
  const ofTenant = (account: AccountRecord | null) => (account?.tenant === tenant ? account : null)
  const accounts = scope(accountLookupPort, (inner) => ({
    ...inner,
    find(id) {
      const found = inner.find(id)
      return found instanceof Promise ? found.then(ofTenant) : ofTenant(found)
    },
    findByUsername: (of, username) => (of === tenant ? inner.findByUsername(of, username) : null),
  }))
  if (realm === undefined) return intercept(provide, [accounts])
  return intercept(provide, [
    accounts,
    scope(clientLookupPort, (inner) => ({ ...inner, find: (id) => inner.find(id, realm) })),
    scope(clientStorePort, (inner) => ({
      ...inner,
      find: (id) => inner.find(id, realm),
      list: (page) => inner.list({ ...page, tenant: realm }),
      create: (client) => inner.create({ ...client, tenant: realm }),
      update: (client, now) => inner.update({ ...client, tenant: realm }, now),
      rotate: (rotation) => inner.rotate({ ...rotation, tenant: realm }),
      remove: (id, now) => inner.remove(id, now, realm),
    })),
    scope(signingKeyLookupPort, (inner) => ({ ...inner, list: () => inner.list(realm) })),
    scope(signingKeyStorePort, (inner) => ({
      ...inner,
      add: (key, after) => inner.add({ ...key, tenant: realm }, after),
    })),
    scope(rateTable, (inner) => ({
      stats: () => inner.stats(),
      open: (spec) => inner.open({ ...spec, id: `${spec.id}@${realm}` }),
    })),
  ])
}

function intercept(provide: Provide, entries: readonly [Port<unknown>, Scoped<unknown>][]): Provide {
  const scoped = new Map(entries)
  return <T>(port: Port<T>): T => {
    const inner = provide(port)
    return (scoped.get(port)?.(inner) ?? inner) as T
  }
}
