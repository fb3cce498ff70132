import type { RoleRule } from './options.ts'
import { readClaim } from './read-claims.ts'

/** The roles that a policy file makes of what another server said, in order and each once. */
export function mapRoles(rules: readonly RoleRule[], claims: Readonly<Record<string, unknown>>): string[] {
  const roles = rules.filter((rule) => matches(rule, claims)).flatMap((rule) => rule.roles)
  return [...new Set(roles)]
}

/** Whole values only: `staff` is not in `"non-staff"`. */
function matches({ claim, value }: RoleRule, claims: Readonly<Record<string, unknown>>): boolean {
  return [readClaim(claims, claim)].flat().some((one) => typeof one !== 'object' && String(one) === value)
}
