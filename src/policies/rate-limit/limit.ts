import type { RouteInfo } from '../../core/exchange.ts'
import type { PolicyOrigin } from '../../core/policy.ts'
import type { RateLimitSpec } from '../../stores/ports/rate-table.ts'
import type { LimitPart, RateLimitOptions } from './options.ts'

/** A limit as it is counted: the options with everything that they leave open. */
export interface Limit extends RateLimitSpec {
  readonly name: string
}

/**
 * Resolves a limit on a route. Its id is what it is counted under: a limit of `defaults` has the same id on every route, so
 * that 600 per minute are 600 for the whole API; a route's own limit holds the route's id.
 */
export function toLimit(options: RateLimitOptions, origin: PolicyOrigin, route: Pick<RouteInfo, 'id'>): Limit {
  const { limit, windowMs } = options.limit
  const scope = options.scope ?? (origin === 'defaults' || origin === 'built-in' ? 'shared' : 'route')
  const ofRoute = scope === 'route' || options.per.includes('route')
  const {
    name = [...(scope === 'route' ? ['route'] : []), ...options.per.map(nameOf), `${windowMs / 1000}s`].join('-'),
  } = options
  return {
    id: JSON.stringify([ofRoute ? route.id : null, name, options.per, options.methods?.toSorted() ?? null]),
    name,
    limit,
    windowMs,
    burst: options.burst ?? limit,
  }
}

function nameOf(part: LimitPart): string {
  return typeof part === 'string' ? part : part.header
}
