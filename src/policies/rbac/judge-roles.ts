import { byKeys, byMembers, byNames, type Judge, neutral } from '../../core/judge.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { AssignmentRule, RoleDefinition } from '../../roles/roles-block.ts'

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
