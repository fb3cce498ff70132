import { listDangers } from '../../identity/dangers.ts'
import { type IdentityEndpoint, listEndpoints } from '../../identity/endpoints.ts'
import { listIssuers, toEndpointId } from '../../identity/issuers.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Applied } from '../layers/applied.ts'
import type { GeneratedRoute } from '../routes/generated-routes.ts'
import { parsePathPattern } from '../routes/path-pattern.ts'
import { withoutCaller } from '../routes/resolve-access.ts'
import { toResolved } from '../routes/resolve-route.ts'
import { toRouteId } from '../routes/route-id.ts'
import type { RouteSpec } from '../snapshot.ts'

/** What the routes of the identity server call themselves in the place of a policy's name. */
export const identityOwner = 'identity'

/** The routes of the identity server, behind the defaults. */
export function createIdentityRoutes(identity: IdentityOptions | undefined, context: CompileContext): GeneratedRoute[] {
  if (identity === undefined) return []
  const policies = toResolved(withoutCaller(context.inherited).filter(applies).map(forPages), context)
  return listIssuers(identity).flatMap((issuer) =>
    listEndpoints(issuer).map((endpoint) => toRoute({ ...endpoint, id: toEndpointId(issuer, endpoint.id) }, policies)),
  )
}

function toRoute(
  { id, path, methods, hosts, reason }: IdentityEndpoint,
  policies: RouteSpec['policies'],
): GeneratedRoute {
  const pattern = parsePathPattern(path, false)
  if ('message' in pattern) throw new Error(`the endpoint ${id} of the identity server: ${pattern.message}`)
  const spec: RouteSpec = {
    id: toRouteId(hosts, methods, path),
    hosts,
    methods,
    path,
    authenticated: false,
    reason,
    forward: { kind: 'endpoint', policy: identityOwner, endpoint: id },
    allowEncodedSlash: false,
    passUpstreamErrors: false,
    policies,
    position: null,
  }
  return { spec, pattern, policy: identityOwner }
}

/** Which pages may ask is decided for each client by itself, and nobody's may ask where people log in. */
function applies({ policy }: Applied): boolean {
  return policy.name !== 'cors'
}

/** Pages say themselves what they hold: a form whose answer leads back to the client, and a style. */
function forPages(applied: Applied): Applied {
  if (applied.policy.name !== 'security-headers') return applied
  const options = {
    ...(applied.options as object),
    contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    upstreamContentSecurityPolicy: 'prefer',
    // The path of a login is nobody else's business, and a form says from where it comes.
    referrerPolicy: 'same-origin',
    cacheControl: 'no-store',
  }
  return { ...applied, options }
}

/** Said once for all of an issuer. */
export function noteIdentity(identity: IdentityOptions, { notices, source }: CompileContext): void {
  for (const { issuer } of listIssuers(identity)) {
    const text = `${issuer}: anyone may call what the identity server answers there`
    notices.push({ kind: 'public', text, reason: 'people come to log in, and clients for tokens', position: null })
  }
  for (const { path, ...danger } of listDangers(identity))
    notices.push({ kind: 'unsafe', ...danger, position: source.positionOf(['identity', ...path], 'key') })
}
