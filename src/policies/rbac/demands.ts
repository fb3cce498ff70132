import type { Demands as CallerDemands, CheckContext } from '../../core/policy.ts'
import { toCovering } from '../../roles/permission.ts'
import { RoleModel } from '../../roles/role-model.ts'
import type { RolesBlock } from '../../roles/roles-block.ts'
import type { TenantRolesBlock } from '../../roles/tenant-roles-block.ts'
import type { Demands, RbacOptions, Requirement } from './options.ts'

/** Names that together meet the options, for a credential that passes by whatever method. */
export function toDemands(options: RbacOptions, { block }: Pick<CheckContext, 'block'>): CallerDemands {
  const all: Demands[] = [options, ...Object.values(options.methods ?? {})]
  const scopes = [...new Set(all.flatMap((own) => toEnough(own.scopes)))]
  const names = all.flatMap((own) => toEnough(own.roles))
  const permissions = all.flatMap((own) => toEnough(own.permissions))
  const deployment = new RoleModel(Object.entries(block<RolesBlock | undefined>('roles') ?? {}))
  const givers = permissions.map((permission) => findRole(permission, [deployment]))
  const tenants = Object.entries(block<TenantRolesBlock | undefined>('tenantRoles') ?? {})
  const isOfTenants = (name: string) => tenants.some(([, { roles }]) => Object.hasOwn(roles, name))
  const plain = { roles: toSet([...names, ...givers]), scopes }
  if (!givers.includes(null) && !names.some(isOfTenants)) return plain
  // Only callers of some tenant can pass.
  for (const [tenant, { roles }] of tenants) {
    const model = new RoleModel(Object.entries(roles), deployment)
    const own = permissions.map((permission) => findRole(permission, [deployment, model]))
    if (!own.includes(null) && names.every((name) => model.has(name) || !isOfTenants(name)))
      return { roles: toSet([...names, ...own]), scopes, tenant }
  }
  return plain
}

function toEnough(requirement: Requirement | undefined): string[] {
  return [...(requirement?.all ?? []), ...(requirement?.any.slice(0, 1) ?? [])]
}

function toSet(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null))]
}

/** The first role that brings a permission. */
function findRole(permission: string, models: readonly RoleModel[]): string | null {
  const covering = toCovering(permission)
  for (const model of models) {
    const name = model.names.find((role) => {
      const { permissions } = model.rightsOf([role])
      return covering.some((one) => permissions.has(one))
    })
    if (name !== undefined) return name
  }
  return null
}
