import { type Decision, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import type { Rights } from '../../roles/role-model.ts'
import { openRoleSource } from '../../roles/role-source.ts'
import { type Clauses, clausesOf, satisfies } from './clauses.ts'
import { explainRights } from './explain.ts'
import type { Demands, RbacOptions, Requirement } from './options.ts'

/** What one method asks for, prepared. */
interface Rule {
  readonly clauses: Clauses
  readonly role: Refusal
  readonly permission: Refusal
  readonly scope: Refusal
}

const retryAfterSeconds = 1

export function createRbac(options: RbacOptions, deps: PolicyDeps): Hooks {
  const source = openRoleSource(deps)
  const other = createRule(options, '')
  const rules = new Map(Object.keys(options.methods ?? {}).map((method) => [method, createRule(options, method)]))
  const ruleOf = (method: string) => rules.get(method === 'HEAD' ? 'GET' : method) ?? other

  function authorize({ principal, method }: Exchange): Decision | Promise<Decision> {
    // Nobody was identified, so nobody may do this, whatever let the exchange come here.
    if (principal === null) return refuse('credential_missing')
    const rule = ruleOf(method)
    if (!satisfies(new Set(principal.scopes), rule.clauses.scopes)) return rule.scope
    if (judge(source.ownRights(principal), rule) === next) return next
    return askStore(principal, rule)
  }

  /** Roles only ever add: the store is asked where what is known without it is not enough. */
  function askStore(principal: Principal, rule: Rule): Decision | Promise<Decision> {
    try {
      const rights = source.allRights(principal)
      return rights instanceof Promise
        ? rights.then((found) => judge(found, rule), refuseForStore)
        : judge(rights, rule)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  return {
    authorize,
    explain: async ({ principal, method }) =>
      principal === null ? [] : explainRights(await source.trace(principal), principal, options, method),
  }
}

function judge({ roles, permissions }: Rights, { clauses, role, permission }: Rule): Decision {
  if (!satisfies(roles, clauses.roles)) return role
  return satisfies(permissions, clauses.permissions) ? next : permission
}

/** Whoever cannot be checked is not let in. */
function refuseForStore(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error)
  return refuse('dependency_down', reason, { retryAfterSeconds })
}

function createRule(options: RbacOptions, method: string): Rule {
  const demands: Demands[] = [options, ...(options.methods?.[method] ? [options.methods[method]] : [])]
  return {
    clauses: clausesOf(options, method),
    role: refuse('role_missing', describe(demands.map(({ roles }) => roles))),
    permission: refuse('permission_missing', describe(demands.map(({ permissions }) => permissions))),
    scope: refuse('scope_missing', describe(demands.map(({ scopes }) => scopes)), {
      headers: [['www-authenticate', createChallenge(demands)]],
    }),
  }
}

function describe(requirements: readonly (Requirement | undefined)[]): string {
  const parts = requirements.flatMap((requirement) => {
    const { any = [], all = [] } = requirement ?? {}
    return [
      ...(any.length > 0 ? [`one of ${any.join(', ')}`] : []),
      ...(all.length > 0 ? [`all of ${all.join(', ')}`] : []),
    ]
  })
  return `needs ${parts.join(' and ')}`
}

/** RFC 6750 section 3.1: tells a client which scopes to ask its issuer for. */
function createChallenge(demands: readonly Demands[]): string {
  const names = new Set(demands.flatMap(({ scopes }) => [...(scopes?.all ?? []), ...(scopes?.any ?? [])]))
  return `Bearer error="insufficient_scope", scope="${[...names].join(' ')}"`
}
