import type { Principal } from '../../core/principal.ts'
import { gives, type HeldRole, type RoleOwner } from '../../roles/held-roles.ts'
import { toCovering } from '../../roles/permission.ts'
import type { RoleTrace } from '../../roles/role-source.ts'
import { clausesOf } from './clauses.ts'
import type { RbacOptions, Requirement } from './options.ts'

/** Says for each thing that is asked for who gives it, through which roles, or that nobody does. */
export function explainRights(
  { held, complete }: RoleTrace,
  principal: Principal,
  options: RbacOptions,
  method: string,
): readonly string[] {
  const routed = method === 'HEAD' ? 'GET' : method
  const demands = [options, ...(options.methods?.[routed] ? [options.methods[routed]] : [])]
  const lines = demands.flatMap(({ roles, permissions, scopes }) => [
    ...explain('role', roles, (name) => traceRole(name, held)),
    ...explain('permission', permissions, (name) => tracePermission(name, held)),
    ...explain('scope', scopes, (name) => (principal.scopes.includes(name) ? 'the credential has it' : null)),
  ])
  const { roles, permissions } = clausesOf(options, routed)
  if (!complete && roles.length + permissions.length > 0) lines.push('the store could not be asked')
  const names = held.map((one) => `${one.role} (${toSource(one)}${toNothing(one)})`)
  return [`roles held: ${names.length === 0 ? 'none' : names.join(', ')}`, ...lines]
}

function explain(kind: string, requirement: Requirement | undefined, find: (name: string) => string | null): string[] {
  const { any = [], all = [] } = requirement ?? {}
  const say = (name: string, needed: string) => `${kind} ${name}, ${needed}: ${find(name) ?? 'not held'}`
  const alternatives = any.length === 1 ? 'needed' : 'one of these is needed'
  return [...all.map((name) => say(name, 'needed')), ...any.map((name) => say(name, alternatives))]
}

function traceRole(name: string, held: readonly HeldRole[]): string | null {
  for (const one of held) {
    if (one.owner === null || one.owner.limit !== null) continue
    const path = one.owner.model.pathTo(one.role, name)
    if (path !== null) return `${path.join(' → ')} (${toSource(one)})`
  }
  return null
}

function tracePermission(name: string, held: readonly HeldRole[]): string | null {
  const covering = toCovering(name)
  const isGiven = (permission: string, owner: RoleOwner) => covering.includes(permission) && gives(owner, permission)
  for (const one of held) {
    const { role: from, owner } = one
    if (owner === null) continue
    for (const role of owner.model.rightsOf([from]).roles) {
      const found = owner.model.ownPermissions(role).find((permission) => isGiven(permission, owner))
      if (found === undefined) continue
      return `${[...(owner.model.pathTo(from, role) ?? [role]), found].join(' → ')} (${toSource(one)})`
    }
  }
  return null
}

function toSource({ from, owner }: HeldRole): string {
  const tenant = owner === null || owner.tenant === null ? '' : `, of the tenant ${owner.tenant}`
  if (from === 'credential') return `the credential${tenant}`
  if ('kind' in from) return `the store, to the ${from.kind} ${from.id}${tenant}`
  const place = owner === null || owner.tenant === null ? 'roles' : `tenantRoles.${owner.tenant}.roles`
  return `rule ${from.rule + 1} of ${place}.${from.role}.assign`
}

function toNothing({ from, owner }: HeldRole): string {
  if (owner !== null) return ''
  return from === 'credential' ? ', but it is a role of other tenants' : ', but there is no such role'
}
