import { judgeForward } from '../../config/judges/forward.ts'
import type { RouteSpec, Snapshot } from '../../config/snapshot.ts'
import type { AnyPolicy } from '../../core/policy.ts'
import { createRouter, type Router } from '../../gateway/router.ts'
import type { Change } from './change.ts'
import { diffPolicies } from './diff-policies.ts'

const usualMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Compares what becomes of requests rather than lines of files: for each route of either file, which route answers
 * the same requests in the other one. So a route that takes requests from a stricter one shows as what it is.
 */
export function diffRoutes(before: Snapshot, after: Snapshot, policies: readonly AnyPolicy[]): Change[] {
  const methods = [
    ...new Set([...before.routes, ...after.routes].flatMap((route) => route.methods).concat(usualMethods)),
  ]
  const routers = { before: createRouter(before.routes), after: createRouter(after.routes) }
  const files = { before, after }
  const compared = new Set<string>()
  const changes: Change[] = []

  const compare = (old: RouteSpec, now: RouteSpec) => {
    const pair = JSON.stringify([old.id, now.id])
    if (compared.has(pair)) return
    compared.add(pair)
    const subject = old.id === now.id ? now.id : `${now.id} (answered by ${old.id} before)`
    changes.push(...diffRoute(subject, old, now, files, policies))
  }

  for (const now of after.routes) {
    const answers = answersTo(now, routers.before, methods)
    for (const old of answers.routes) compare(old, now)
    if (answers.missing.length > 0) changes.push(describeNew(now, answers.missing, answers.routes.length > 0))
  }
  for (const old of before.routes) {
    const answers = answersTo(old, routers.after, methods)
    for (const now of answers.routes) compare(old, now)
    if (answers.missing.length > 0) changes.push(describeGone(old, answers.missing, answers.routes.length > 0))
  }
  changes.push(...diffPolicies('what no route matches', before.fallback.policies, after.fallback.policies, policies))
  return changes
}

/** What the other file does with requests for a route: the routes that answer, and the methods that none does. */
function answersTo(route: RouteSpec, router: Router<RouteSpec>, methods: readonly string[]) {
  const routes = new Set<RouteSpec>()
  const missing = new Set<string>()
  const path = toSamplePath(route.path)
  const hosts = route.hosts.length === 0 ? ['host.invalid'] : route.hosts.map((host) => host.replace('*', 'sub'))
  for (const host of hosts) {
    for (const method of route.methods.length === 0 ? methods : route.methods) {
      const found = router.find(method, host, path, path.includes('%2F'))
      if (found.kind === 'route') routes.add(found.route)
      else missing.add(method)
    }
  }
  return { routes: [...routes], missing: [...missing] }
}

/** A path that the pattern matches and no fixed segment is likely to equal. */
function toSamplePath(pattern: string): string {
  return pattern.replace(/\*\*$/, '~rest').replace(/\{[^}]*\}/g, '~value')
}

function describeNew(route: RouteSpec, methods: readonly string[], partly: boolean): Change {
  const who = route.authenticated ? 'for callers with a credential' : 'for anyone'
  const text = partly ? `also answers ${methods.join(', ')} now, ${who}` : `is new: answers ${who}`
  return { effect: route.authenticated ? 'changes' : 'weakens', subject: route.id, text }
}

function describeGone(route: RouteSpec, methods: readonly string[], partly: boolean): Change {
  const text = partly ? `${methods.join(', ')} is refused now` : 'is gone: such requests are refused now'
  return { effect: 'tightens', subject: route.id, text }
}

interface Files {
  readonly before: Snapshot
  readonly after: Snapshot
}

function diffRoute(
  subject: string,
  old: RouteSpec,
  now: RouteSpec,
  files: Files,
  policies: readonly AnyPolicy[],
): Change[] {
  const changes: Change[] = []
  const add = (effect: Change['effect'], text: string) => changes.push({ effect, subject, text })
  if (old.authenticated && !now.authenticated) add('weakens', `anyone may call now (${now.reason})`)
  if (!old.authenticated && now.authenticated) add('tightens', 'asks for a credential now')
  if (!old.authenticated && !now.authenticated && old.reason !== now.reason) {
    add('changes', `reason: ${old.reason} → ${now.reason}`)
  }
  // Which credentials come or go is told already where a route becomes public or stops being so.
  const told = old.authenticated === now.authenticated
  const relevant = told ? policies : policies.filter(({ kind }) => kind !== 'credential')
  changes.push(...diffPolicies(subject, old.policies, now.policies, relevant))
  const forwarding = [
    { route: old, upstreams: files.before.upstreams },
    { route: now, upstreams: files.after.upstreams },
  ] as const
  for (const { effect, path, text } of judgeForward(...forwarding)) add(effect, [...path, text].join(': '))
  const allowances = {
    allowEncodedSlash: 'encoded slashes in paths',
    passUpstreamErrors: 'bodies of upstream errors',
  } as const
  for (const [key, what] of Object.entries(allowances) as [keyof typeof allowances, string][]) {
    if (old[key] !== now[key]) add(now[key] ? 'weakens' : 'tightens', `${what} ${now[key] ? 'pass' : 'no longer pass'}`)
  }
  return changes
}
