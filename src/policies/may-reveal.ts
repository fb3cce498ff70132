import type { PolicyDeps } from '../core/policy.ts'
import type { Principal } from '../core/principal.ts'
import { toCovering } from '../roles/permission.ts'
import type { Rights } from '../roles/role-model.ts'
import { openRoleSource } from '../roles/role-source.ts'

/** What a caller must hold to see what is hidden from others: one of the roles, each permission, each scope. */
export interface RevealTo {
  readonly roles?: readonly string[] | undefined
  readonly permissions?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
}

/** Whether a caller may see it. Who cannot be asked about may not. */
export type MayReveal = (principal: Principal | null) => boolean | Promise<boolean>

export function createReveal(reveal: RevealTo | undefined, deps: PolicyDeps): MayReveal {
  if (reveal === undefined) return () => false
  const { roles, permissions, scopes = [] } = reveal
  const covering = permissions?.map(toCovering) ?? []
  const source = roles === undefined && permissions === undefined ? null : openRoleSource(deps)
  const suffices = (rights: Rights) =>
    (roles === undefined || roles.some((role) => rights.roles.has(role))) &&
    covering.every((ways) => ways.some((permission) => rights.permissions.has(permission)))
  return async (principal) => {
    if (principal === null || !scopes.every((scope) => principal.scopes.includes(scope))) return false
    if (source === null || suffices(source.ownRights(principal))) return true
    try {
      return suffices(await source.allRights(principal))
    } catch (error) {
      deps.log.warn('fields_not_revealed', { principal: principal.id, error })
      return false
    }
  }
}
