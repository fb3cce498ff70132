import { explainUnknown, judgeNewRole, judgeTenant } from '../../roles/judge-role.ts'
import { permissionPattern } from '../../roles/permission.ts'
import { type DefinedRoles, type RoleView, toRoleViews } from '../../roles/role-views.ts'
import type { AssignmentPage, RoleAssignment, RoleHolder } from '../../stores/ports/role-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { Store } from '../../stores/store.ts'
import { auditRoles } from '../audited-roles.ts'
import { AdministrationError } from './administration-error.ts'

/** A role of the policy file or of the store, with everything that it brings. */
export type Role = RoleView

export interface RoleOf {
  /** A tenant of `tenantRoles`, to whose callers the role is known. Default: the role is the deployment's. */
  readonly tenant?: string
}

export interface NewRole extends RoleOf {
  /** 1 to 200 characters that can be seen, without a space. */
  readonly name: string
  /** Of the policy file, or of the same tenant. */
  readonly inherits?: readonly string[]
  /** `resource:action`, each of which may be `*`; of a tenant's role, no more than `mayGrant` of the file lets it give. */
  readonly permissions?: readonly string[]
  readonly description?: string | null
}

/**
 * The roles, as `portcullis roles` has them; those of the policy file are changed there. Whatever is changed holds in every
 * running instance within a second, and is told in the audit trail. Everything rejects with an `AdministrationError`, or with
 * a `StoreError` where the store cannot.
 */
export interface RoleAdministration {
  /** Those of the policy file first. Rejects with `unknown` where the file has no such tenant, as all others do. */
  list(of?: RoleOf): Promise<Role[]>
  /** Rejects with `taken` or `invalid`. */
  create(role: NewRole): Promise<Role>
  /** Removes a role of the store and takes it from everyone. Rejects with `unknown`. */
  remove(name: string, of?: RoleOf): Promise<void>
  /** Rejects with `unknown` where there is no such role. */
  grant(name: string, holder: RoleHolder, of?: RoleOf): Promise<'granted' | 'already'>
  /** Answers whether it had been given. */
  revoke(name: string, holder: RoleHolder, of?: RoleOf): Promise<boolean>
  /** In the order of kind, issuer, id and role, `limit` at most; `after` is the last one of the page before. */
  assignments(page: AssignmentPage): Promise<RoleAssignment[]>
}

export interface RoleAdministrationDeps {
  readonly store: Store
  readonly actor: string
  readonly now: () => number
  /** Those of the policy file. */
  readonly blocks: Readonly<Record<string, unknown>>
}

const namePattern = /^[^\s\p{C}]{1,200}$/u

export function createRoleAdministration({ store, actor, now, blocks }: RoleAdministrationDeps): RoleAdministration {
  const { roles: own = {}, tenantRoles = {} } = blocks as Partial<DefinedRoles>
  const file: DefinedRoles = { roles: own, tenantRoles }
  const roles = auditRoles(store.db, actor)

  function checkTenant({ tenant }: RoleOf): void {
    const wrong = judgeTenant(tenant, file)
    if (wrong !== null) throw new AdministrationError('unknown', wrong)
  }

  async function list(of: RoleOf): Promise<Role[]> {
    checkTenant(of)
    return toRoleViews(file, await roles.roles(of.tenant), of.tenant)
  }

  async function require(name: string, of: RoleOf): Promise<Role> {
    const all = await list(of)
    const found = all.find((role) => role.name === name)
    if (found !== undefined) return found
    const known = all.map((role) => role.name)
    throw new AdministrationError('unknown', explainUnknown(name, known, file, of.tenant))
  }

  return {
    list: (of = {}) => list(of),
    async create({ tenant, name, inherits = [], permissions = [], description = null }) {
      const of = tenant === undefined ? {} : { tenant }
      checkTenant(of)
      const malformed = [name, ...inherits].find((one) => !namePattern.test(one))
      if (malformed !== undefined) throw invalid('A role has a name of 1 to 200 characters that can be seen, no space.')
      const odd = permissions.find((permission) => !permissionPattern.test(permission))
      if (odd !== undefined) throw invalid(`"${odd}" is not a permission such as orders:read or orders:*.`)
      const role = { ...of, name, inherits, permissions, description, createdAt: now() }
      const wrong = judgeNewRole(role, file, await roles.roles(tenant))
      if (wrong !== null) throw invalid(wrong)
      await roles.create(role).catch((error: unknown) => {
        if (!(error instanceof StoreError) || error.failure !== 'conflict') throw error
        throw new AdministrationError('taken', `There is a role "${name}" already.`)
      })
      return require(name, of)
    },
    async remove(name, of = {}) {
      checkTenant(of)
      if (await roles.remove(name, now(), of.tenant)) return
      await require(name, of)
      throw invalid(`The role "${name}" stands in the policy file: remove it there.`)
    },
    async grant(role, holder, of = {}) {
      await require(role, of)
      return roles.grant({ ...(of.tenant !== undefined && { tenant: of.tenant }), role, holder, createdAt: now() })
    },
    async revoke(role, holder, of = {}) {
      checkTenant(of)
      return roles.revoke(holder, role, now(), of.tenant)
    },
    async assignments(page) {
      checkTenant(page)
      return roles.assignments(page)
    },
  }
}

function invalid(message: string): AdministrationError {
  return new AdministrationError('invalid', message)
}
