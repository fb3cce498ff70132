import { randomUUID } from 'node:crypto'
import type { EndpointHandler } from '../../core/policy.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { endedLoginStorePort } from '../../stores/ports/ended-login-store.ts'
import { createIdentity } from '../create-identity.ts'
import type { IdentityDeps } from '../deps.ts'
import { listIssuers, toEndpointId } from '../issuers.ts'
import { startEndedLogins } from '../logout/ended-logins.ts'
import type { LogoutTeller } from '../logout/logout-teller.ts'
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
  const tellers: LogoutTeller[] = []
  for (const issuer of listIssuers(options)) {
    const ours = issuer.realm === undefined ? applications : []
    const own = await createIdentity(issuer, toTenantDeps(issuer, deps), ours)
    for (const [id, handler] of own.handlers) handlers.set(toEndpointId(issuer, id), handler)
    tellers.push(own.tellOfLogout)
  }
  const { provide, shared, now, log, meter } = deps
  const given = { store: provide(endedLoginStorePort), epoch: provide(changeEpochPort), tellers, now, log, meter }
  // As long as this file serves, and no longer.
  shared(
    `identity:ended-logins:${randomUUID()}`,
    () => startEndedLogins(given),
    (started) => started.stop(),
  )
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
