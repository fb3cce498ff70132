import type { CheckContext } from '../../core/policy.ts'
import { toCovering } from '../../roles/permission.ts'
import { RoleModel } from '../../roles/role-model.ts'
import type { RolesBlock } from '../../roles/roles-block.ts'
import type { Demands, RbacOptions, Requirement } from './options.ts'

/** Names that together meet the options, for a credential that passes by whatever method. */
export function toDemands(
  options: RbacOptions,
  { block }: Pick<CheckContext, 'block'>,
): { readonly roles: string[]; readonly scopes: string[] } {
  const all: Demands[] = [options, ...Object.values(options.methods ?? {})]
  const model = new RoleModel(Object.entries(block<RolesBlock | undefined>('roles') ?? {}))
  const permissions = all.flatMap((own) => toEnough(own.permissions))
  const roles = [...all.flatMap((own) => toEnough(own.roles)), ...permissions.flatMap((name) => findRole(name, model))]
  return { roles: [...new Set(roles)], scopes: [...new Set(all.flatMap((own) => toEnough(own.scopes)))] }
}

function toEnough(requirement: Requirement | undefined): string[] {
  return [...(requirement?.all ?? []), ...(requirement?.any.slice(0, 1) ?? [])]
}

/** The first role that brings a permission. */
function findRole(permission: string, model: RoleModel): readonly string[] {
  const covering = toCovering(permission)
  const name = model.names.find((role) => {
    const { permissions } = model.rightsOf([role])
    return covering.some((one) => permissions.has(one))
  })
  return name === undefined ? [] : [name]
}
