import type { RouteInfo } from '../../core/exchange.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import type { CompileContext } from '../compile-context.ts'
import { createIdentityRoutes, identityOwner, noteIdentity } from '../identity/identity-routes.ts'
import { describe } from '../issues/word-issue.ts'
import type { Applied } from '../layers/applied.ts'
import { judgeOptions } from '../notices.ts'
import { readTolerantly } from '../read-tolerantly.ts'
import { isPlain } from '../schema/read-setting.ts'
import { createRouteSchema } from '../schema/routes.ts'
import type { RouteSpec } from '../snapshot.ts'
import { findConflicts, type RouteMatch } from './conflicts.ts'
import { expandDocuments } from './document-routes.ts'
import { createFallback, createGeneratedRoutes, type GeneratedRoute } from './generated-routes.ts'
import { withoutCaller } from './resolve-access.ts'
import { type ResolvedRoute, resolveRoute } from './resolve-route.ts'
import type { RouteEntry, RouteValue } from './route-value.ts'

/**
 * Resolves the routes of the file, adds those that policies bring, and judges them together.
 * @param value what stands under `routes`
 * @param block reads the top-level blocks; null where one of them is broken
 */
export function resolveRoutes(
  value: unknown,
  block: (<T>(key: string) => T) | null,
  context: CompileContext,
): { routes: readonly RouteSpec[]; fallback: RouteSpec } {
  const written = readEntries(value ?? [], context).flatMap((entry) => resolveRoute(entry, context))
  // A credential that no route accepts brings nothing: nobody would answer.
  const inUse = new Set<Applied>([...withoutCaller(context.inherited), ...written.flatMap(({ applied }) => applied)])
  const identity = block?.<IdentityOptions | undefined>('identity')
  const ofPolicies = createGeneratedRoutes(inUse, context)
  const generated = [...ofPolicies, ...createIdentityRoutes(identity, context)]
  reportConflicts(written, generated, context)
  for (const { spec, policy } of ofPolicies) {
    const text = `${spec.id}: anyone may call (brought by ${toBringer(policy)})`
    context.notices.push({ kind: 'public', text, reason: spec.reason, position: null })
  }
  if (identity !== undefined) noteIdentity(identity, context)
  if (block !== null) {
    const said = new Set<string>()
    for (const { spec, applied } of written) judgeOptions(toInfo(spec), applied, block, context, said)
  }
  return {
    routes: [...written.map(({ spec }) => spec), ...generated.map(({ spec }) => spec)],
    fallback: createFallback(context),
  }
}

export function toBringer(policy: string): string {
  return policy === identityOwner ? 'the identity server' : `the policy ${policy}`
}

function readEntries(value: unknown, context: CompileContext): RouteEntry[] {
  const { report, policies } = context
  if (!Array.isArray(value)) {
    report.add(['routes'], `must be a list, not ${describe(value)}`, { hint: 'Each route begins with `- path: …`.' })
    return []
  }
  const schema = createRouteSchema(policies)
  return expandDocuments(value, context).flatMap(({ value: route, index }) => {
    const base = ['routes', index] as const
    const read = readTolerantly<unknown>(schema, route, base, report)
    reportStray(route, base, context)
    return read === null ? [] : [{ value: read.value as RouteValue, broken: read.broken, base }]
  })
}

/** What belongs to a document does nothing without one. */
function reportStray(route: unknown, base: readonly ['routes', number], { report }: CompileContext): void {
  if (!isPlain(route)) return
  for (const key of ['basePath', 'securitySchemes']) {
    if (route[key] !== undefined) report.add([...base, key], 'belongs to a route with `openapi`', { part: 'key' })
  }
}

function reportConflicts(
  written: readonly ResolvedRoute[],
  generated: readonly GeneratedRoute[],
  { report }: CompileContext,
): void {
  const matches: RouteMatch[] = [
    ...written.map(({ spec, pattern, path }) => ({ ...spec, pattern, path, broughtBy: null })),
    ...generated.map(({ spec, pattern, policy }) => ({ ...spec, pattern, path: null, broughtBy: policy })),
  ]
  for (const { route, message, hint } of findConflicts(matches)) {
    report.add(route.path ?? [], `${route.id} ${message}`, { hint })
  }
}

function toInfo(spec: RouteSpec): RouteInfo {
  const { id, path, methods, hosts, authenticated, forward } = spec
  return { id, path, methods, hosts, authenticated, upstream: forward.kind === 'upstream' ? forward.upstream : null }
}
