import type { Position, RouteSpec, Snapshot } from '../../config/snapshot.ts'
import type { Fields } from '../../core/fields.ts'
import { type Intake, readIntake } from '../../gateway/intake.ts'
import type { Incoming } from '../../gateway/receive.ts'
import { createRouter, type Miss } from '../../gateway/router.ts'

/** What configuration alone says of a request. */
export interface Plan {
  readonly method: string
  readonly host: string
  /** As it is matched and forwarded; null where the request cannot be read. */
  readonly path: string | null
  /** Why the request cannot be read, or why no route answers it; null where one does. */
  readonly refusal: { readonly code: string; readonly detail: string } | null
  /** The route that answers; the fallback where none does. */
  readonly route: RouteSpec
  readonly params: Readonly<Record<string, string>>
  /** Routes that come near, and why they do not answer. */
  readonly others: readonly { readonly id: string; readonly why: string; readonly position: Position | null }[]
}

const noParams = Object.freeze({})

/** Reads the request as the gateway does and finds its route. */
export function createPlan(request: Incoming, snapshot: Snapshot): Plan {
  const intake = readIntake(request.rawHeaders, request.url, request.authority, snapshot.server)
  const { method } = request
  if ('kind' in intake) {
    const refusal = { code: intake.code, detail: intake.detail ?? '' }
    const host = hostOf(request)
    return { method, host, path: null, refusal, route: snapshot.fallback, params: noParams, others: [] }
  }
  const { host, target } = intake
  const routed = routedMethod(method, intake.headers)
  const found = createRouter(snapshot.routes).find(routed, host, target.path, target.encodedSlash)
  const isFound = found.kind === 'route'
  return {
    method,
    host,
    path: target.path,
    refusal: isFound ? null : explainMiss(found),
    route: isFound ? found.route : snapshot.fallback,
    params: isFound ? found.params : noParams,
    others: findOthers(routed, intake, snapshot, isFound ? found.route : null),
  }
}

/** As it came: what cannot be read has no better one. */
function hostOf({ authority, rawHeaders }: Incoming): string {
  const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === 'host')
  return authority ?? (at === -1 ? '' : (rawHeaders[at + 1] ?? ''))
}

/** A preflight is routed by the method that it asks for. */
function routedMethod(method: string, headers: Fields): string {
  if (method !== 'OPTIONS' || !headers.has('origin')) return method
  return headers.get('access-control-request-method') ?? method
}

function explainMiss(miss: Miss): NonNullable<Plan['refusal']> {
  switch (miss.kind) {
    case 'no-route':
      return { code: 'no_route', detail: 'no route matches the path' }
    case 'no-host':
      return { code: 'misdirected_request', detail: 'no route is for this host' }
    case 'no-method':
      return { code: 'method_not_allowed', detail: `the path is served for ${miss.allowed.join(', ')}` }
    case 'ambiguous':
      return { code: 'path_ambiguous', detail: `read carelessly, the path belongs to ${miss.other}` }
    case 'encoded-slash':
      return { code: 'path_invalid', detail: 'the route does not allow an encoded slash' }
  }
}

/** Asks each other route by itself. Those of another path are not worth a word. */
function findOthers(method: string, { host, target }: Intake, { routes }: Snapshot, winner: RouteSpec | null) {
  return routes.flatMap((route) => {
    if (route === winner) return []
    const alone = createRouter([route]).find(method, host, target.path, target.encodedSlash)
    const why = whyNot(alone.kind, route, winner)
    return why === null ? [] : [{ id: route.id, why, position: route.position }]
  })
}

function whyNot(kind: Miss['kind'] | 'route', route: RouteSpec, winner: RouteSpec | null): string | null {
  switch (kind) {
    case 'route':
      return winner === null ? 'the path is ambiguous' : 'less specific'
    case 'no-method':
      return `only for ${route.methods.join(', ')}`
    case 'no-host':
      return route.path === winner?.path ? `only for ${route.hosts.join(', ')}` : null
    case 'encoded-slash':
      return 'does not allow an encoded slash'
    case 'no-route':
    case 'ambiguous':
      return null
  }
}
