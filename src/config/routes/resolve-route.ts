import type { CompileContext } from '../compile-context.ts'
import type { Applied } from '../layers/applied.ts'
import { composeLayer } from '../layers/compose-layer.ts'
import { toLayer } from '../layers/to-layer.ts'
import { noteObserved } from '../notices.ts'
import type { ResolvedPolicy, RouteSpec } from '../snapshot.ts'
import type { KeyPath } from '../source/key-path.ts'
import { type PathPattern, parsePathPattern } from './path-pattern.ts'
import { resolveAccess } from './resolve-access.ts'
import { resolveForward } from './resolve-forward.ts'
import { sortMethods, toRouteId } from './route-id.ts'
import type { RouteEntry } from './route-value.ts'

/** A route of the file with its pattern; one for each of its `paths`. */
export interface ResolvedRoute {
  readonly spec: RouteSpec
  readonly pattern: PathPattern
  readonly path: KeyPath
  readonly applied: readonly Applied[]
}

export function resolveRoute(entry: RouteEntry, context: CompileContext): ResolvedRoute[] {
  const { value, broken, base } = entry
  const { report, source, policies } = context
  const patterns = readPatterns(entry, context)
  const unreadable = new Set([...broken, ...context.brokenDefaults])
  const composed = composeLayer(context.inherited, toLayer(value, policies, 'route', base), unreadable, report)
  const access = resolveAccess(entry, composed.applied, context)
  const methods = sortMethods(value.methods ?? [])
  const hosts = [...new Set(value.hosts ?? [])].sort()
  const name = patterns.map(({ pattern }) => toRouteId(hosts, methods, pattern.text)).join(', ')
  noteObserved(name, access.applied, base, context)
  noteRoute(name, entry, [...composed.weakenings, ...access.weakenings], context)

  return patterns.flatMap(({ pattern, path }): ResolvedRoute[] => {
    const forward = resolveForward(entry, pattern, context)
    if (forward === null) return []
    const spec: RouteSpec = {
      id: toRouteId(hosts, methods, pattern.text),
      hosts,
      methods,
      path: pattern.text,
      authenticated: access.authenticated,
      reason: access.reason,
      forward,
      allowEncodedSlash: value.allow.encodedSlash,
      passUpstreamErrors: value.allow.upstreamErrors,
      policies: toResolved(access.applied, context),
      position: source.positionOf(base, 'value'),
    }
    return [{ spec, pattern, path, applied: access.applied }]
  })
}

/** In the order of the registry; within one policy, inherited ones first. */
export function toResolved(applied: readonly Applied[], { policies, source }: CompileContext): ResolvedPolicy[] {
  return policies.flatMap((policy) =>
    applied
      .filter((one) => one.policy === policy)
      .map(({ options, mode, origin, path }) => ({
        name: policy.name,
        options,
        mode,
        origin,
        position: path === null ? null : source.positionOf(path, 'key'),
      })),
  )
}

function readPatterns({ value, broken, base }: RouteEntry, { report }: CompileContext) {
  if (value.path !== undefined && value.paths !== undefined) {
    report.add([...base, 'paths'], 'stands beside `path`: keep one of them', { part: 'key' })
  }
  if (value.path === undefined && value.paths === undefined && !broken.has('path') && !broken.has('paths')) {
    report.add(base, '`path` is missing', { hint: 'A route says which paths it is for: `path: /orders/{id}`.' })
  }
  const texts: (readonly [string, KeyPath])[] =
    value.path === undefined
      ? (value.paths ?? []).map((text, i) => [text, [...base, 'paths', i]])
      : [[value.path, [...base, 'path']]]
  return texts.flatMap(([text, path]) => {
    const pattern = parsePathPattern(text, value.allow.encodedSlash)
    if (!('message' in pattern)) return [{ pattern, path }]
    report.add(path, `"${text}": ${pattern.message}`, { hint: pattern.hint })
    return []
  })
}

function noteRoute(
  name: string,
  { value, base }: RouteEntry,
  weakenings: ReturnType<typeof composeLayer>['weakenings'],
  { notices, source }: CompileContext,
): void {
  const position = source.positionOf(base, 'value')
  if (value.access === 'public') {
    notices.push({ kind: 'public', text: `${name}: anyone may call`, reason: value.reason ?? null, position })
  }
  for (const { kind, text, reason, path } of weakenings) {
    notices.push({ kind, text: `${name}: ${text}`, reason, position: source.positionOf(path, 'key') })
  }
  const unsafe = {
    encodedSlash: 'encoded slashes pass, which servers read differently',
    upstreamErrors: 'bodies of 5xx answers pass, which may hold stack traces',
  }
  for (const key of ['encodedSlash', 'upstreamErrors'] as const) {
    if (!value.allow[key]) continue
    const at = source.positionOf([...base, 'allow', key], 'key')
    notices.push({ kind: 'unsafe', text: `${name}: ${unsafe[key]}`, reason: null, position: at })
  }
}
