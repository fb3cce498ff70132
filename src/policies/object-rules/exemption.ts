import { type Refusal, refuse } from '../../core/decision.ts'
import type { Principal } from '../../core/principal.ts'
import type { RoleSource } from '../../roles/role-source.ts'

const retryAfterSeconds = 1

/** Whether a caller may reach the objects of others; a refusal where that cannot be told. */
export type FindExemption = (principal: Principal) => boolean | Refusal | Promise<boolean | Refusal>

/** Roles that only the store gives are asked for where the others are not enough. */
export function createExemption(source: RoleSource | null, roles: readonly string[]): FindExemption {
  if (source === null) return () => false
  const holds = (held: ReadonlySet<string>) => roles.some((role) => held.has(role))
  return (principal) => {
    if (holds(source.ownRights(principal).roles)) return true
    try {
      const rights = source.allRights(principal)
      return rights instanceof Promise
        ? rights.then((found) => holds(found.roles), refuseForStore)
        : holds(rights.roles)
    } catch (error) {
      return refuseForStore(error)
    }
  }
}

function refuseForStore(error: unknown): Refusal {
  return refuse('dependency_down', error instanceof Error ? error.message : String(error), { retryAfterSeconds })
}
