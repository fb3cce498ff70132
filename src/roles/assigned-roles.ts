import type { Principal } from '../core/principal.ts'
import { clientOf, groupsOf, ownValue } from './holders.ts'
import type { AssignmentRule, RolesBlock } from './roles-block.ts'

/** A role that a rule of the policy file gives, and which one. */
export interface AssignedRole {
  readonly role: string
  /** Counts from 0 within the role. */
  readonly rule: number
}

/** The rules of the policy file, prepared: finds the roles that they give to a caller. */
export function createAssignment(
  roles: RolesBlock,
  issuers: Readonly<Record<string, { readonly issuer: string }>>,
): (principal: Principal) => readonly AssignedRole[] {
  const toIssuer = (name: string) => (Object.hasOwn(issuers, name) ? (issuers[name]?.issuer ?? name) : name)
  const rules = Object.entries(roles).flatMap(([role, { assign }]) =>
    assign.map((rule, i) => ({ role, rule: i, conditions: { ...rule, issuer: toIssuer(rule.issuer) } })),
  )
  return (principal) => rules.filter(({ conditions }) => meets(principal, conditions))
}

function meets(principal: Principal, rule: AssignmentRule): boolean {
  const { issuer, subject, key, client, group, tenant, claims = {} } = rule
  return (
    principal.issuer === issuer &&
    (subject === undefined || principal.id === subject) &&
    (key === undefined || (principal.credential.policy === 'api-key' && principal.credential.id === key)) &&
    (client === undefined || clientOf(principal) === client) &&
    (group === undefined || groupsOf(principal).includes(group)) &&
    (tenant === undefined || principal.tenant === tenant) &&
    Object.entries(claims).every(([name, value]) => holds(ownValue(principal.attributes, name), value))
  )
}

/** A text is not the number it looks like. */
function holds(attribute: unknown, value: string | number | boolean): boolean {
  return Array.isArray(attribute) ? attribute.includes(value) : attribute === value
}
