import { byKeys, byMembers, byNames, type Judge, neutral } from '../../core/judge.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { AssignmentRule, RoleDefinition } from '../../roles/roles-block.ts'
import type { TenantRolesBlock } from '../../roles/tenant-roles-block.ts'

const given = byMembers('weakens', 'tightens')

/** Rules by what they say: each is enough by itself, so that one more gives a role to more callers. */
const judgeAssignments: Judge<readonly AssignmentRule[]> = (before, after) =>
  given(
    before.map((rule) => toStableJson(rule)),
    after.map((rule) => toStableJson(rule)),
  )

const judgeRole = byKeys<RoleDefinition>({
  inherits: given,
  permissions: given,
  description: neutral,
  assign: judgeAssignments,
})

/** A role that does nothing but exist gives nobody anything. */
const isEmpty = ({ inherits, permissions, assign }: RoleDefinition) =>
  inherits.length + permissions.length + assign.length === 0

/** What a change of who may what means: more rights weaken, fewer tighten. */
export const judgeRoles = byNames<RoleDefinition>(
  {
    added: (role) => (isEmpty(role) ? 'changes' : 'weakens'),
    removed: (role) => (isEmpty(role) ? 'changes' : 'tightens'),
  },
  judgeRole,
)

type Tenant = TenantRolesBlock[string]

const isBare = ({ roles, mayGrant }: Tenant) => mayGrant.length === 0 && Object.values(roles).every(isEmpty)

/** The same for each tenant, with what its roles in the store may give. */
export const judgeTenantRoles = byNames<Tenant>(
  {
    added: (tenant) => (isBare(tenant) ? 'changes' : 'weakens'),
    removed: (tenant) => (isBare(tenant) ? 'changes' : 'tightens'),
  },
  byKeys<Tenant>({ roles: judgeRoles, mayGrant: given }),
)
