import type { PolicyDeps } from '../core/policy.ts'
import type { Principal } from '../core/principal.ts'
import { toStableJson } from '../core/stable-json.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { roleLookupPort } from '../stores/ports/role-store.ts'
import { type AssignedRole, createAssignment } from './assigned-roles.ts'
import { type Rights, RoleModel } from './role-model.ts'
import type { RolesBlock } from './roles-block.ts'
import { RoleCache, type StoredRoles } from './stored-roles.ts'

/** What all routes of a worker ask for the rights of a caller. */
export interface RoleSource {
  /** What the credential and the policy file give; worked out once per caller. */
  ownRights(principal: Principal): Rights
  /** That and what the store gives. Throws or rejects when the store cannot answer. */
  allRights(principal: Principal): Rights | Promise<Rights>
  /** Where every role comes from, for a person. */
  trace(principal: Principal): Promise<RoleTrace>
}

export interface RoleTrace {
  readonly model: RoleModel
  readonly assigned: readonly AssignedRole[]
  /** Null where the store could not be asked. */
  readonly stored: StoredRoles | null
}

/** The source for the blocks of this policy file; shared by every route, kept over a reload that changes neither. */
export function openRoleSource(deps: PolicyDeps): RoleSource {
  const roles = deps.block<RolesBlock | undefined>('roles') ?? {}
  const issuers = deps.block<Record<string, { issuer: string }> | undefined>('issuers') ?? {}
  const cache = deps.shared('rbac:cache', () => createCache(deps))
  const named = Object.entries(issuers).map(([name, { issuer }]) => [name, issuer])
  return deps.shared(`rbac:roles:${toStableJson([roles, named])}`, () => createRoleSource(roles, issuers, cache))
}

function createCache({ provide, meter }: PolicyDeps): RoleCache {
  const cache = new RoleCache(provide(roleLookupPort), provide(changeEpochPort))
  meter.gauge('portcullis_rbac_cached', 'Callers whose roles in the store are remembered', () => cache.size)
  return cache
}

export function createRoleSource(
  roles: RolesBlock,
  issuers: Readonly<Record<string, { readonly issuer: string }>>,
  cache: Pick<RoleCache, 'find'>,
): RoleSource {
  const own = Object.entries(roles)
  const model = new RoleModel(own)
  const assign = createAssignment(roles, issuers)
  const known = new WeakMap<Principal, Rights>()
  const combined = new WeakMap<Principal, StoredRoles & { readonly rights: Rights }>()
  const settled = new WeakMap<readonly unknown[], RoleModel>()

  /** The policy file has the last word on its roles: a store adds others, and changes none. */
  function withStored({ definitions }: StoredRoles): RoleModel {
    if (definitions.length === 0) return model
    let whole = settled.get(definitions)
    if (whole === undefined) {
      whole = new RoleModel([...definitions.map((role) => [role.name, role] as const), ...own])
      settled.set(definitions, whole)
    }
    return whole
  }

  function combine(principal: Principal, stored: StoredRoles): Rights {
    const last = combined.get(principal)
    if (last?.given === stored.given && last.definitions === stored.definitions) return last.rights
    const whole = withStored(stored)
    const given = stored.given.flatMap(({ role }) => (whole.has(role) ? [role] : []))
    const rights = whole.rightsOf([...ownRights(principal).roles, ...given])
    combined.set(principal, { ...stored, rights })
    return rights
  }

  function ownRights(principal: Principal): Rights {
    let rights = known.get(principal)
    if (rights === undefined) {
      rights = model.rightsOf([...principal.roles, ...assign(principal).map(({ role }) => role)])
      known.set(principal, rights)
    }
    return rights
  }

  return {
    ownRights,
    allRights(principal) {
      const stored = cache.find(principal)
      return stored instanceof Promise ? stored.then((found) => combine(principal, found)) : combine(principal, stored)
    },
    async trace(principal) {
      const stored = await Promise.resolve()
        .then(() => cache.find(principal))
        .catch(() => null)
      return { model: stored === null ? model : withStored(stored), assigned: assign(principal), stored }
    },
  }
}
