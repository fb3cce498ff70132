import type { Endpoint } from '../../core/policy.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Applied } from '../layers/applied.ts'
import type { RouteSpec } from '../snapshot.ts'
import { type PathPattern, parsePathPattern } from './path-pattern.ts'
import { withoutCaller } from './resolve-access.ts'
import { toResolved } from './resolve-route.ts'
import { sortMethods, toRouteId } from './route-id.ts'

/** A route that a policy brings. */
export interface GeneratedRoute {
  readonly spec: RouteSpec
  readonly pattern: PathPattern
  readonly policy: string
}

/** The routes that the policies in use bring, each once, behind the defaults and without authentication. */
export function createGeneratedRoutes(inUse: Iterable<Applied>, context: CompileContext): GeneratedRoute[] {
  const generated = new Map<string, GeneratedRoute>()
  for (const { policy, options } of inUse) {
    for (const endpoint of policy.endpoints?.(options) ?? []) {
      const key = `${policy.name} ${endpoint.path}`
      if (!generated.has(key)) generated.set(key, toRoute(policy.name, endpoint, context))
    }
  }
  return [...generated.values()]
}

function toRoute(policy: string, endpoint: Endpoint, context: CompileContext): GeneratedRoute {
  const pattern = parsePathPattern(endpoint.path, false)
  if ('message' in pattern) throw new Error(`the endpoint ${endpoint.id} of ${policy}: ${pattern.message}`)
  const methods = sortMethods(endpoint.methods)
  const applies = ({ policy: { name } }: Applied) => endpoint.sameOrigin !== true || name !== 'cors'
  const spec: RouteSpec = {
    id: toRouteId([], methods, endpoint.path),
    hosts: [],
    methods,
    path: endpoint.path,
    authenticated: false,
    reason: endpoint.reason,
    forward: { kind: 'endpoint', policy, endpoint: endpoint.id },
    allowEncodedSlash: false,
    passUpstreamErrors: false,
    policies: toResolved(withoutCaller(context.inherited).filter(applies), context),
    position: null,
  }
  return { spec, pattern, policy }
}

/** What no route matches: limited, logged and counted like everything else, then refused. */
export function createFallback(context: CompileContext): RouteSpec {
  return {
    id: 'fallback',
    hosts: [],
    methods: [],
    path: '/**',
    authenticated: false,
    reason: null,
    forward: { kind: 'none' },
    allowEncodedSlash: false,
    passUpstreamErrors: false,
    policies: toResolved(withoutCaller(context.inherited), context),
    position: null,
  }
}
