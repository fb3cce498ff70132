import type { CheckContext } from '../../core/policy.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { RolesBlock } from '../../roles/roles-block.ts'
import type { Demands, RbacOptions, Requirement } from './options.ts'

/** Finds names that the block `roles` does not have, once it is there, and methods that the route does not serve. */
export function checkOptions(options: RbacOptions, { block, route }: CheckContext): readonly string[] {
  const methods = Object.entries(options.methods ?? {})
  const unserved = methods.flatMap(([method]) =>
    route.methods.length === 0 || route.methods.includes(method)
      ? []
      : [`authorize names the method ${method}, but the route is for ${route.methods.join(', ')}`],
  )
  const roles = block<RolesBlock | undefined>('roles')
  if (roles === undefined) return unserved
  const known = { roles: Object.keys(roles), permissions: Object.values(roles).flatMap((role) => role.permissions) }
  const demands: Demands[] = [options, ...methods.map(([, own]) => own)]
  return [...unserved, ...demands.flatMap((own) => checkNames(own, known))]
}

function checkNames(
  { roles, permissions }: Demands,
  known: { readonly roles: readonly string[]; readonly permissions: readonly string[] },
): string[] {
  const unknownRoles = toNames(roles).filter((name) => !known.roles.includes(name))
  // `*:read` and `*:*` would make every misspelt resource a known one.
  const isKnown = (name: string) =>
    known.permissions.includes(name) || known.permissions.includes(`${name.split(':')[0]}:*`)
  const unknownPermissions = toNames(permissions).filter((name) => !isKnown(name))
  return [
    ...unknownRoles.map((name) => say(`there is no role "${name}" under \`roles\``, didYouMean(name, known.roles))),
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
