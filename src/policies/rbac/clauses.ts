import type { RbacOptions, Requirement } from './options.ts'

/** Names of which one must be held. */
export type Clause = ReadonlySet<string>

/** A requirement as clauses that must all hold. */
export function toClauses(requirement: Requirement | undefined): readonly Clause[] {
  if (requirement === undefined) return []
  const clauses = requirement.all.map((name) => new Set([name]))
  if (requirement.any.length > 0) clauses.push(new Set(requirement.any))
  return clauses
}

/** Whether the names hold one of each clause. */
export function satisfies(names: readonly string[], clauses: readonly Clause[]): boolean {
  for (const clause of clauses) if (!holdsOneOf(names, clause)) return false
  return true
}

function holdsOneOf(names: readonly string[], clause: Clause): boolean {
  for (const name of names) if (clause.has(name)) return true
  return false
}

/** Names that together meet the options, for a credential that passes. */
export function toDemands({ roles, scopes }: RbacOptions): { readonly roles: string[]; readonly scopes: string[] } {
  return { roles: toNames(roles), scopes: toNames(scopes) }
}

function toNames(requirement: Requirement | undefined): string[] {
  return [...new Set([...(requirement?.all ?? []), ...(requirement?.any.slice(0, 1) ?? [])])]
}

/** Whether whoever meets `own` meets `inherited` as well. */
export function implies(own: RbacOptions, inherited: RbacOptions): boolean {
  return (
    clausesImply(toClauses(own.roles), toClauses(inherited.roles)) &&
    clausesImply(toClauses(own.scopes), toClauses(inherited.scopes))
  )
}

/** A clause follows from any clause that offers fewer ways. */
function clausesImply(own: readonly Clause[], inherited: readonly Clause[]): boolean {
  return inherited.every((wanted) => own.some((clause) => clause.isSubsetOf(wanted)))
}
