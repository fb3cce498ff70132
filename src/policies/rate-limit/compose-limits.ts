import type { Composition } from '../../core/policy.ts'
import type { RateLimitOptions } from './options.ts'

const strictness = { allow: 0, local: 1, refuse: 2 } as const

/**
 * Two limits both apply, so an own one can only tighten. It is looser when it counts the same callers and could never be
 * the one that refuses: then its author believes in a limit that does not hold. It takes the place of the inherited
 * one only where that counts each route by itself, because a shared count must go on counting this route.
 */
export function composeLimits(inherited: RateLimitOptions, own: RateLimitOptions): Composition {
  if (describe(inherited) !== describe(own)) return 'both'
  const changes = [
    rateOf(own) - rateOf(inherited),
    burstOf(own) - burstOf(inherited),
    strictness[inherited.onFailure] - strictness[own.onFailure],
  ]
  const looser = changes.some((change) => change > 0)
  const tighter = changes.some((change) => change < 0)
  if (looser) return tighter ? 'both' : 'looser'
  return inherited.scope === 'route' && own.scope !== 'shared' ? 'tighter' : 'both'
}

/** Whom and what a limit counts; limits that differ in this have nothing to compare. */
function describe({ per, name, methods }: RateLimitOptions): string {
  const parts = per.map((part) => JSON.stringify(part)).toSorted()
  return JSON.stringify([parts, name ?? null, methods?.toSorted() ?? null])
}

function rateOf({ limit, cost }: RateLimitOptions): number {
  return limit.limit / limit.windowMs / cost
}

function burstOf({ limit, burst, cost }: RateLimitOptions): number {
  return Math.floor((burst ?? limit.limit) / cost)
}
