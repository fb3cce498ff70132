import type { EndpointHandler } from '../../core/policy.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { createIdentity } from '../create-identity.ts'
import type { IdentityDeps } from '../deps.ts'
import { listIssuers, toEndpointId } from '../issuers.ts'
import type { IdentityOptions } from '../options.ts'
import { toTenantPorts } from './tenant-ports.ts'

/**
 * Opens the identity server of one thread, with all its issuers.
 * @param applications clients that other parts of the same file are: they belong to no tenant
 * @returns what answers each endpoint, by `toEndpointId`. Rejects where a secret, a master key or the key ring cannot be used.
 */
export async function createIssuers(
  options: IdentityOptions,
  deps: IdentityDeps,
  applications: readonly ClientRecord[] = [],
): Promise<ReadonlyMap<string, EndpointHandler>> {
  const handlers = new Map<string, EndpointHandler>()
  for (const issuer of listIssuers(options)) {
    const ours = issuer.realm === undefined ? applications : []
    const own = await createIdentity(issuer, toTenantDeps(issuer, deps), ours)
    for (const [id, handler] of own) handlers.set(toEndpointId(issuer, id), handler)
  }
  return handlers
}

function toTenantDeps(issuer: IdentityOptions, deps: IdentityDeps): IdentityDeps {
  const { realm } = issuer
  const provide = toTenantPorts(deps.provide, issuer)
  // What is remembered in memory would otherwise be that of whichever issuer came first.
  const shared: IdentityDeps['shared'] = (key, create) =>
    deps.shared(realm === undefined ? key : `tenant:${realm}:${key}`, create)
  return { ...deps, provide, shared }
}
