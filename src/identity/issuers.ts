import type { IdentityOptions } from './options.ts'

/** Every issuer of the identity server as one of its own: that of the block, then those of its tenants. */
export function listIssuers(options: IdentityOptions): readonly IdentityOptions[] {
  return [options, ...Object.keys(options.tenants).map((name) => toIssuer(options, name))]
}

/** The one at which accounts of a tenant log in, or those of none; null where they cannot. */
export function findIssuerOf(options: IdentityOptions, tenant: string | null): IdentityOptions | null {
  return listIssuers(options).find((issuer) => (issuer.tenant ?? null) === tenant) ?? null
}

/** What an endpoint of an issuer is called among those of all of them. */
export function toEndpointId({ realm }: IdentityOptions, id: string): string {
  return realm === undefined ? id : `${realm}/${id}`
}

function toIssuer(options: IdentityOptions, name: string): IdentityOptions {
  const { issuer, resources, clients, ...own } = options.tenants[name] as IdentityOptions['tenants'][string]
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  return {
    ...options,
    ...given,
    issuer: issuer ?? `${options.issuer.replace(/\/$/, '')}/t/${name}`,
    resources: resources ?? toOwnNames(options.resources, name),
    clients,
    tenant: name,
    tenants: {},
    // An invitation says nothing of a tenant.
    registration: undefined,
    realm: name,
  }
}

/** The same APIs, by names under which `jwt` tells the tokens of one tenant from those of another. */
function toOwnNames(resources: IdentityOptions['resources'], tenant: string): IdentityOptions['resources'] {
  if (resources === undefined) return undefined
  return Object.fromEntries(Object.entries(resources).map(([name, resource]) => [`${tenant}-${name}`, resource]))
}
