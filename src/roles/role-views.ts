import type { RoleRecord } from '../stores/ports/role-store.ts'
import { isWithin } from './held-roles.ts'
import { type Rights, RoleModel } from './role-model.ts'
import type { RolesBlock } from './roles-block.ts'
import type { TenantRolesBlock } from './tenant-roles-block.ts'

/** A role as people and programs are shown it. */
export interface RoleView {
  /** Whose it is; null: the deployment's. */
  readonly tenant: string | null
  readonly name: string
  readonly source: 'file' | 'store'
  readonly description: string | null
  readonly inherits: readonly string[]
  readonly permissions: readonly string[]
  /**
   * Everything that it brings, through whatever it inherits. A tenant's role of the store has no name that routes know, and
   * gives no more than the policy file lets it.
   */
  readonly effective: { readonly roles: readonly string[]; readonly permissions: readonly string[] }
  /** Rules of the policy file that give it. */
  readonly assign: readonly object[]
}

/** What the policy file says of roles. */
export interface DefinedRoles {
  readonly roles: RolesBlock
  readonly tenantRoles: TenantRolesBlock
}

/** All roles of a tenant, or of the deployment, those of the file first: it has the last word on a name that is in both. */
export function toRoleViews(file: DefinedRoles, stored: readonly RoleRecord[], tenant?: string): RoleView[] {
  const deployment = new RoleModel(Object.entries(file.roles))
  const { own, mayGrant } = findOwn(file, tenant)
  const added = stored.filter(({ name }) => !Object.hasOwn(own, name) && !Object.hasOwn(file.roles, name))
  const base = tenant === undefined ? deployment : new RoleModel(Object.entries(own), deployment)
  const model = new RoleModel(
    added.map((role) => [role.name, role]),
    base,
  )
  const limit = mayGrant === null ? null : new Set(mayGrant)
  const common = { tenant: tenant ?? null }
  return [
    ...Object.entries(own).map(
      ([name, { inherits, permissions, description = null, assign }]): RoleView => ({
        ...{ ...common, name, source: 'file', description, inherits, permissions },
        ...{ effective: toEffective(base.rightsOf([name]), null), assign },
      }),
    ),
    ...added.map(
      ({ name, inherits, permissions, description }): RoleView => ({
        ...{ ...common, name, source: 'store', description, inherits, permissions },
        ...{ effective: toEffective(model.rightsOf([name]), limit), assign: [] },
      }),
    ),
  ]
}

function findOwn(file: DefinedRoles, tenant: string | undefined) {
  if (tenant === undefined) return { own: file.roles, mayGrant: null }
  const found = Object.hasOwn(file.tenantRoles, tenant) ? file.tenantRoles[tenant] : undefined
  return { own: found?.roles ?? {}, mayGrant: found?.mayGrant ?? [] }
}

function toEffective({ roles, permissions }: Rights, limit: ReadonlySet<string> | null): RoleView['effective'] {
  const given = [...permissions].filter((permission) => limit === null || isWithin(permission, limit))
  return { roles: limit === null ? [...roles] : [], permissions: given.sort() }
}
