import type { Principal } from '../../core/principal.ts'
import { toCovering } from '../../roles/permission.ts'
import type { RoleTrace } from '../../roles/role-source.ts'
import { clausesOf } from './clauses.ts'
import type { RbacOptions, Requirement } from './options.ts'

interface HeldRole {
  readonly role: string
  readonly from: string
}

/** Says for each thing that is asked for who gives it, through which roles, or that nobody does. */
export function explainRights(
  trace: RoleTrace,
  principal: Principal,
  options: RbacOptions,
  method: string,
): readonly string[] {
  const routed = method === 'HEAD' ? 'GET' : method
  const held = listHeld(trace, principal)
  const demands = [options, ...(options.methods?.[routed] ? [options.methods[routed]] : [])]
  const lines = demands.flatMap(({ roles, permissions, scopes }) => [
    ...explain('role', roles, (name) => traceRole(name, held, trace)),
    ...explain('permission', permissions, (name) => tracePermission(name, held, trace)),
    ...explain('scope', scopes, (name) => (principal.scopes.includes(name) ? 'the credential has it' : null)),
  ])
  const { roles, permissions } = clausesOf(options, routed)
  if (trace.stored === null && roles.length + permissions.length > 0) lines.push('the store could not be asked')
  const names = held.map(({ role, from }) => `${role} (${from})`)
  return [`roles held: ${names.length === 0 ? 'none' : names.join(', ')}`, ...lines]
}

function listHeld({ assigned, stored, model }: RoleTrace, principal: Principal): HeldRole[] {
  return [
    ...principal.roles.map((role) => ({ role, from: 'the credential' })),
    ...assigned.map(({ role, rule }) => ({ role, from: `rule ${rule + 1} of roles.${role}.assign` })),
    ...(stored?.given ?? []).map(({ role, holder }) => ({
      role,
      from: `the store, to the ${holder.kind} ${holder.id}${model.has(role) ? '' : ', but there is no such role'}`,
    })),
  ]
}

function explain(kind: string, requirement: Requirement | undefined, find: (name: string) => string | null): string[] {
  const { any = [], all = [] } = requirement ?? {}
  const say = (name: string, needed: string) => `${kind} ${name}, ${needed}: ${find(name) ?? 'not held'}`
  const alternatives = any.length === 1 ? 'needed' : 'one of these is needed'
  return [...all.map((name) => say(name, 'needed')), ...any.map((name) => say(name, alternatives))]
}

function traceRole(name: string, held: readonly HeldRole[], trace: RoleTrace): string | null {
  for (const one of toKnown(held, trace)) {
    const path = trace.model.pathTo(one.role, name)
    if (path !== null) return `${path.join(' → ')} (${one.from})`
  }
  return null
}

function tracePermission(name: string, held: readonly HeldRole[], trace: RoleTrace): string | null {
  const covering = toCovering(name)
  for (const one of toKnown(held, trace)) {
    for (const role of trace.model.rightsOf([one.role]).roles) {
      const found = trace.model.ownPermissions(role).find((permission) => covering.includes(permission))
      if (found === undefined) continue
      return `${[...(trace.model.pathTo(one.role, role) ?? [role]), found].join(' → ')} (${one.from})`
    }
  }
  return null
}

/** What the store gives counts only where the role is defined. */
function toKnown(held: readonly HeldRole[], { model }: RoleTrace): readonly HeldRole[] {
  return held.filter(({ role, from }) => !from.startsWith('the store') || model.has(role))
}
