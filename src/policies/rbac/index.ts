import { definePolicy } from '../../core/policy.ts'
import { type RolesBlock, rolesBlock } from '../../roles/roles-block.ts'
import { findTenantRoleProblems, type TenantRolesBlock, tenantRolesBlock } from '../../roles/tenant-roles-block.ts'
import { checkOptions } from './check-options.ts'
import { compose } from './compose.ts'
import { toDemands } from './demands.ts'
import { judgeRoles, judgeTenantRoles } from './judge-roles.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createRbac } from './rbac.ts'

export const rbac = definePolicy({
  name: 'rbac',
  summary: 'Lets only callers with certain roles, permissions and scopes pass',
  kind: 'authorization',
  options,
  blocks: { roles: rolesBlock, tenantRoles: tenantRolesBlock },
  checkBlocks: (block) =>
    findTenantRoleProblems(
      block<RolesBlock | undefined>('roles') ?? {},
      block<TenantRolesBlock | undefined>('tenantRoles') ?? {},
    ),
  judges: { roles: judgeRoles, tenantRoles: judgeTenantRoles },
  codes: {
    role_missing: { public: 'forbidden', meaning: 'The caller holds none of the roles that the route asks for.' },
    permission_missing: {
      public: 'forbidden',
      meaning: 'None of the roles that the caller holds gives the permissions that the route asks for.',
    },
    scope_missing: { public: 'forbidden', meaning: 'The credential was not given the scopes that the route asks for.' },
  },
  check: checkOptions,
  compose,
  create: createRbac,
  demands: toDemands,
  probes: createProbes,
})
