import type { RouteSpec } from '../config/snapshot.ts'
import type { RouteInfo } from '../core/exchange.ts'

/** The route as policies see it. */
export function toRouteInfo(spec: RouteSpec): RouteInfo {
  return {
    id: spec.id,
    path: spec.path,
    methods: spec.methods,
    hosts: spec.hosts,
    upstream: spec.forward.kind === 'upstream' ? spec.forward.upstream : null,
    authenticated: spec.authenticated,
    reachesApi: spec.forward.kind === 'upstream' || spec.forward.kind === 'handler',
  }
}
