import type { Principal } from '../core/principal.ts'
import type { RoleRecord } from '../stores/ports/role-store.ts'
import { type AssignedRole, createAssignment } from './assigned-roles.ts'
import type { RoleOwner, RoleOwners } from './held-roles.ts'
import { RoleModel } from './role-model.ts'
import type { RolesBlock } from './roles-block.ts'
import type { TenantRolesBlock } from './tenant-roles-block.ts'

/** What the policy file says of roles. */
export interface RoleBlocks {
  readonly roles: RolesBlock
  readonly tenants: TenantRolesBlock
  readonly issuers: Readonly<Record<string, { readonly issuer: string }>>
}

/** Roles of the store that can be of concern to a caller. */
export interface StoredDefinitions {
  readonly definitions: readonly RoleRecord[]
  readonly ofTenant: readonly RoleRecord[]
}

type Assign = (principal: Principal) => readonly AssignedRole[]

interface FileTenant {
  readonly owner: RoleOwner
  readonly assign: Assign
  readonly mayGrant: ReadonlySet<string>
}

const noRules: Assign = () => []

/** The roles of a policy file, prepared, and what a store adds to them. */
export class RoleBook {
  readonly #deployment: RoleOwner
  readonly #assign: Assign
  readonly #own: readonly (readonly [string, RolesBlock[string]])[]
  readonly #tenants: ReadonlyMap<string, FileTenant>
  readonly #namesOfTenants: ReadonlySet<string>
  /** What the store says, by tenant, as it was worked out last. */
  readonly #stored = new Map<string | null, { readonly of: readonly RoleRecord[]; readonly owner: RoleOwner }>()

  constructor({ roles, tenants, issuers }: RoleBlocks) {
    this.#own = Object.entries(roles)
    const model = new RoleModel(this.#own)
    this.#deployment = { tenant: null, model, limit: null }
    this.#assign = createAssignment(roles, issuers)
    this.#tenants = new Map(
      Object.entries(tenants).map(([tenant, { roles: own, mayGrant }]) => [
        tenant,
        {
          owner: { tenant, model: new RoleModel(Object.entries(own), model), limit: null },
          assign: createAssignment(own, issuers),
          mayGrant: new Set(mayGrant),
        },
      ]),
    )
    this.#namesOfTenants = new Set(Object.values(tenants).flatMap((one) => Object.keys(one.roles)))
  }

  /** The tenant of a caller, if the policy file has roles of it: a store may give nothing to those that it does not name. */
  tenantOf({ tenant }: Principal): string | null {
    return tenant !== null && this.#tenants.has(tenant) ? tenant : null
  }

  rulesFor(principal: Principal) {
    const assign = this.#find(principal)?.assign ?? noRules
    return { deployment: this.#assign(principal), tenant: assign(principal) }
  }

  ownersFor(principal: Principal, stored: StoredDefinitions | null): RoleOwners {
    const tenant = this.#find(principal)
    return {
      deployment: this.#withStored(stored?.definitions ?? []),
      tenant: tenant?.owner ?? null,
      storedTenant: tenant === undefined || stored === null ? null : this.#toStored(tenant, stored.ofTenant),
      isOfTenants: (name) => this.#namesOfTenants.has(name),
    }
  }

  #find({ tenant }: Principal): FileTenant | undefined {
    return tenant === null ? undefined : this.#tenants.get(tenant)
  }

  /**
   * The policy file has the last word on its roles: a store adds others, and changes none. What the file has come to call
   * a role of tenants, and an older role of the store is called as well, is one of tenants.
   */
  #withStored(definitions: readonly RoleRecord[]): RoleOwner {
    if (definitions.length === 0) return this.#deployment
    return this.#remember(null, definitions, () => {
      const own = definitions.filter(({ name }) => !this.#namesOfTenants.has(name))
      const stored = own.map((role) => [role.name, role] as const)
      return { ...this.#deployment, model: new RoleModel([...stored, ...this.#own]) }
    })
  }

  #toStored({ owner, mayGrant }: FileTenant, definitions: readonly RoleRecord[]): RoleOwner {
    return this.#remember(owner.tenant, definitions, () => {
      const added = definitions.filter(({ name }) => !owner.model.has(name) && !this.#deployment.model.has(name))
      const model = new RoleModel(
        added.map((role) => [role.name, role]),
        owner.model,
      )
      return { tenant: owner.tenant, model, limit: mayGrant }
    })
  }

  #remember(tenant: string | null, definitions: readonly RoleRecord[], create: () => RoleOwner): RoleOwner {
    const last = this.#stored.get(tenant)
    if (last?.of === definitions) return last.owner
    const owner = create()
    this.#stored.set(tenant, { of: definitions, owner })
    return owner
  }
}
