import type { CheckContext } from '../../core/policy.ts'
import { didYouMean } from '../../core/suggest.ts'
import { checkRoleName, findKnownRoles, type KnownRoles } from '../../roles/known-roles.ts'
import type { Demands, RbacOptions, Requirement } from './options.ts'

/** Finds names that the file gives no role, once it has the block `roles`, and methods that the route does not serve. */
export function checkOptions(options: RbacOptions, { block, route }: CheckContext): readonly string[] {
  const methods = Object.entries(options.methods ?? {})
  const unserved = methods.flatMap(([method]) =>
    route.methods.length === 0 || route.methods.includes(method)
      ? []
      : [`authorize names the method ${method}, but the route is for ${route.methods.join(', ')}`],
  )
  const known = findKnownRoles(block)
  if (known === null) return unserved
  const demands: Demands[] = [options, ...methods.map(([, own]) => own)]
  return [...unserved, ...demands.flatMap((own) => checkNames(own, known))]
}

function checkNames({ roles, permissions }: Demands, known: KnownRoles): string[] {
  // `*:read` and `*:*` would make every misspelt resource a known one.
  const isKnown = (name: string) =>
    known.permissions.includes(name) || known.permissions.includes(`${name.split(':')[0]}:*`)
  const unknownPermissions = toNames(permissions).filter((name) => !isKnown(name))
  return [
    ...toNames(roles).flatMap((name) => checkRoleName(name, known) ?? []),
    ...unknownPermissions.map((name) =>
      say(`no role under \`roles\` has the permission "${name}"`, didYouMean(name, known.permissions)),
    ),
  ]
}

export function toNames(requirement: Requirement | undefined): readonly string[] {
  return [...(requirement?.all ?? []), ...(requirement?.any ?? [])]
}

function say(problem: string, hint: string | null): string {
  return hint === null ? problem : `${problem}. ${hint}`
}
