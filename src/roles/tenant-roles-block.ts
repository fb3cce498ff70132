import { z } from 'zod'
import type { BlockProblem } from '../core/policy.ts'
import { permissionName } from './names.ts'
import { findStrangers, type RolesBlock, roleMap } from './roles-block.ts'

const maxTenants = 1000

const tenant = z.strictObject({
  roles: roleMap
    .default({})
    .describe(
      'Roles as under `roles`, which they may inherit and whose names they may not have. Nobody else knows them.',
    ),
  mayGrant: z
    .array(permissionName)
    .max(1000)
    .default([])
    .describe(
      'The most that roles of this tenant in the store give: permissions `resource:action`, or `*`. Default: nothing, so ' +
        'that there are none.',
    ),
})

export const tenantRolesBlock = z
  .record(z.string().min(1).max(256), tenant)
  .refine((tenants) => Object.keys(tenants).length <= maxTenants, { error: `names more than ${maxTenants} tenants` })
  .describe('Roles that only callers of one tenant hold, by the names of the tenants.')

export type TenantRolesBlock = z.output<typeof tenantRolesBlock>

/** What is wrong between roles of tenants and those of the deployment. */
export function findTenantRoleProblems(roles: RolesBlock, tenants: TenantRolesBlock): BlockProblem[] {
  return Object.entries(tenants).flatMap(([name, { roles: own }]) => {
    const below = (path: BlockProblem['path']) => ['tenantRoles', name, 'roles', ...path]
    const taken = Object.keys(own).filter((role) => Object.hasOwn(roles, role))
    const strangers = findStrangers(own, [...Object.keys(own), ...Object.keys(roles)])
    return [
      ...taken.map((role) => ({
        path: below([role]),
        message: `"${role}" is a role under \`roles\`: routes that ask for it would not tell the two apart`,
        hint: 'Call it something else; it may inherit that role.',
      })),
      ...strangers.map((problem) => ({ ...problem, path: below(problem.path) })),
    ]
  })
}
