import type { Principal } from '../core/principal.ts'
import type { RoleHolder } from '../stores/ports/role-store.ts'
import type { AssignedRole } from './assigned-roles.ts'
import { toCovering } from './permission.ts'
import type { Rights, RoleModel } from './role-model.ts'
import type { StoredRoles } from './stored-roles.ts'

/** Whoever defines a role says what it means. */
export interface RoleOwner {
  /** Null: the deployment. */
  readonly tenant: string | null
  readonly model: RoleModel
  /**
   * The most that its roles give; null: whatever they say. Where there is a limit, they give permissions only: routes that
   * ask for a name mean a role of the policy file.
   */
  readonly limit: ReadonlySet<string> | null
}

/** What a caller can hold roles of. */
export interface RoleOwners {
  readonly deployment: RoleOwner
  /** The tenant of the caller, as the policy file defines its roles; null where the file has no such tenant. */
  readonly tenant: RoleOwner | null
  /** The same tenant as the store defines its roles. */
  readonly storedTenant: RoleOwner | null
  /** Whether the policy file defines a role of this name for some tenant. */
  readonly isOfTenants: (name: string) => boolean
}

export interface HeldRole {
  readonly role: string
  readonly from: 'credential' | AssignedRole | RoleHolder
  /** Null where nobody whom this caller belongs to defines it: it gives nothing. */
  readonly owner: RoleOwner | null
}

/** Every role that a caller was given, and whose it is. Roles of other tenants are nothing to it. */
export function listHeldRoles(
  principal: Principal,
  owners: RoleOwners,
  rules: { readonly deployment: readonly AssignedRole[]; readonly tenant: readonly AssignedRole[] },
  given: StoredRoles['given'],
): HeldRole[] {
  const { deployment, tenant } = owners
  return [
    ...principal.roles.flatMap((role): HeldRole[] => {
      const found = findOwners(role, owners)
      if (found.length === 0) return [{ role, from: 'credential', owner: null }]
      return found.map((owner) => ({ role, from: 'credential', owner }))
    }),
    ...rules.deployment.map((from): HeldRole => ({ role: from.role, from, owner: deployment })),
    ...rules.tenant.map((from): HeldRole => ({ role: from.role, from, owner: tenant })),
    ...given.map(({ role, tenant: of, holder }): HeldRole => {
      const candidates = of === undefined ? [deployment] : [tenant, owners.storedTenant]
      return { role, from: holder, owner: candidates.find((one) => one?.model.has(role)) ?? null }
    }),
  ]
}

/** A name in a credential means what the deployment and the caller's own tenant say. What nobody defines is a name alone. */
function findOwners(name: string, { deployment, tenant, storedTenant, isOfTenants }: RoleOwners): RoleOwner[] {
  const known = deployment.model.has(name) || !isOfTenants(name)
  return [
    ...(known ? [deployment] : []),
    ...[tenant, storedTenant].filter((owner) => owner !== null).filter(({ model }) => model.has(name)),
  ]
}

/** What all of them bring together: roles only ever add. */
export function toRights(held: readonly HeldRole[]): Rights {
  const roles = new Set<string>()
  const permissions = new Set<string>()
  for (const { role, owner } of held) {
    if (owner === null) continue
    const rights = owner.model.rightsOf([role])
    if (owner.limit === null) for (const name of rights.roles) roles.add(name)
    for (const permission of rights.permissions) if (gives(owner, permission)) permissions.add(permission)
  }
  return { roles, permissions }
}

export function gives({ limit }: RoleOwner, permission: string): boolean {
  return limit === null || isWithin(permission, limit)
}

/** Whether a permission is covered by one of those that may be given. */
export function isWithin(permission: string, limit: ReadonlySet<string>): boolean {
  return toCovering(permission).some((one) => limit.has(one))
}
