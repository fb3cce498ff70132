import { toCovering } from '../../roles/permission.ts'
import type { Demands, RbacOptions, Requirement } from './options.ts'

/** Names of which one must be held. */
export type Clause = ReadonlySet<string>

/** Clauses that must all hold, by what the names are of. */
export interface Clauses {
  readonly roles: readonly Clause[]
  readonly permissions: readonly Clause[]
  readonly scopes: readonly Clause[]
}

const noClauses: Clauses = { roles: [], permissions: [], scopes: [] }

export function toClauses(demands: Demands | undefined): Clauses {
  if (demands === undefined) return noClauses
  const { roles, permissions, scopes } = demands
  return {
    roles: split(roles, (name) => [name]),
    // A permission is held by whoever holds one that covers it, so that the check is a look-up and no comparison.
    permissions: split(permissions, toCovering),
    scopes: split(scopes, (name) => [name]),
  }
}

/** What a method asks for: what the route does, and what stands under the method's own name. */
export function clausesOf(options: RbacOptions, method: string): Clauses {
  const [base, own] = [toClauses(options), toClauses(options.methods?.[method])]
  return {
    roles: [...base.roles, ...own.roles],
    permissions: [...base.permissions, ...own.permissions],
    scopes: [...base.scopes, ...own.scopes],
  }
}

function split(requirement: Requirement | undefined, spread: (name: string) => readonly string[]): Clause[] {
  if (requirement === undefined) return []
  const clauses = requirement.all.map((name) => new Set(spread(name)))
  if (requirement.any.length > 0) clauses.push(new Set(requirement.any.flatMap(spread)))
  return clauses
}

/** Whether the names hold one of each clause. */
export function satisfies(names: ReadonlySet<string>, clauses: readonly Clause[]): boolean {
  for (const clause of clauses) if (!holdsOneOf(names, clause)) return false
  return true
}

function holdsOneOf(names: ReadonlySet<string>, clause: Clause): boolean {
  for (const name of clause) if (names.has(name)) return true
  return false
}

/** Whether whoever meets `own` meets `inherited` as well, by whatever method and in whatever hierarchy. */
export function implies(own: RbacOptions, inherited: RbacOptions): boolean {
  const methods = ['', ...Object.keys(inherited.methods ?? {})]
  return methods.every((method) => clausesImply(clausesOf(own, method), clausesOf(inherited, method)))
}

/**
 * A clause follows from any clause that offers fewer ways. Roles that inherit need no thought: whoever holds a name of
 * the smaller clause holds that same name in the larger one.
 */
function clausesImply(own: Clauses, inherited: Clauses): boolean {
  return (['roles', 'permissions', 'scopes'] as const).every((kind) =>
    inherited[kind].every((wanted) => own[kind].some((clause) => clause.isSubsetOf(wanted))),
  )
}
