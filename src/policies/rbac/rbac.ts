import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks } from '../../core/policy.ts'
import { satisfies, toClauses } from './clauses.ts'
import type { RbacOptions } from './options.ts'

export function createRbac(options: RbacOptions): Hooks {
  const roles = toClauses(options.roles)
  const scopes = toClauses(options.scopes)
  const roleMissing = refuse('role_missing', describe(options.roles))
  const scopeMissing = refuse('scope_missing', describe(options.scopes), {
    headers: [['www-authenticate', createChallenge(options)]],
  })

  function authorize({ principal }: Exchange): Decision {
    // Nobody was identified, so nobody may do this, whatever let the exchange come here.
    if (principal === null) return refuse('credential_missing')
    if (!satisfies(principal.roles, roles)) return roleMissing
    return satisfies(principal.scopes, scopes) ? next : scopeMissing
  }

  return { authorize }
}

function describe(requirement: RbacOptions['roles']): string {
  const { any = [], all = [] } = requirement ?? {}
  const parts = [
    ...(any.length > 0 ? [`one of ${any.join(', ')}`] : []),
    ...(all.length > 0 ? [`all of ${all.join(', ')}`] : []),
  ]
  return `needs ${parts.join(' and ')}`
}

/** RFC 6750 section 3.1: tells a client which scopes to ask its issuer for. */
function createChallenge({ scopes }: RbacOptions): string {
  const names = new Set([...(scopes?.all ?? []), ...(scopes?.any ?? [])])
  return `Bearer error="insufficient_scope", scope="${[...names].join(' ')}"`
}
