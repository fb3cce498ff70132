import type { PolicyDeps } from '../core/policy.ts'
import type { Principal } from '../core/principal.ts'
import { toStableJson } from '../core/stable-json.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { roleLookupPort } from '../stores/ports/role-store.ts'
import { type HeldRole, listHeldRoles, toRights } from './held-roles.ts'
import { type RoleBlocks, RoleBook } from './role-book.ts'
import type { Rights } from './role-model.ts'
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
  readonly held: readonly HeldRole[]
  /** False where the store could not be asked. */
  readonly complete: boolean
}

/** The source for the blocks of this policy file; shared by every route, kept over a reload that changes none. */
export function openRoleSource(deps: PolicyDeps): RoleSource {
  const roles = deps.block<RoleBlocks['roles'] | undefined>('roles') ?? {}
  const tenants = deps.block<RoleBlocks['tenants'] | undefined>('tenantRoles') ?? {}
  const issuers = deps.block<RoleBlocks['issuers'] | undefined>('issuers') ?? {}
  const cache = deps.shared('rbac:cache', () => createCache(deps))
  const named = Object.entries(issuers).map(([name, { issuer }]) => [name, issuer])
  return deps.shared(`rbac:roles:${toStableJson([roles, tenants, named])}`, () =>
    createRoleSource({ roles, tenants, issuers }, cache),
  )
}

function createCache({ provide, meter }: PolicyDeps): RoleCache {
  const cache = new RoleCache(provide(roleLookupPort), provide(changeEpochPort))
  meter.gauge('portcullis_rbac_cached', 'Callers whose roles in the store are remembered', () => cache.size)
  return cache
}

export function createRoleSource(blocks: RoleBlocks, cache: Pick<RoleCache, 'find'>): RoleSource {
  const book = new RoleBook(blocks)
  const known = new WeakMap<Principal, Rights>()
  const combined = new WeakMap<Principal, StoredRoles & { readonly rights: Rights }>()

  const find = (principal: Principal) => cache.find(principal, book.tenantOf(principal))

  const list = (principal: Principal, stored: StoredRoles | null) =>
    listHeldRoles(principal, book.ownersFor(principal, stored), book.rulesFor(principal), stored?.given ?? [])

  function combine(principal: Principal, stored: StoredRoles): Rights {
    const last = combined.get(principal)
    const { given, definitions, ofTenant } = stored
    if (last?.given === given && last.definitions === definitions && last.ofTenant === ofTenant) return last.rights
    const rights = toRights(list(principal, stored))
    combined.set(principal, { ...stored, rights })
    return rights
  }

  return {
    ownRights(principal) {
      let rights = known.get(principal)
      if (rights === undefined) {
        rights = toRights(list(principal, null))
        known.set(principal, rights)
      }
      return rights
    },
    allRights(principal) {
      const stored = find(principal)
      return stored instanceof Promise ? stored.then((found) => combine(principal, found)) : combine(principal, stored)
    },
    async trace(principal) {
      const stored = await Promise.resolve()
        .then(() => find(principal))
        .catch(() => null)
      return { held: list(principal, stored), complete: stored !== null }
    },
  }
}
