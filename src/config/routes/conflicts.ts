import type { Position } from '../snapshot.ts'
import type { KeyPath } from '../source/key-path.ts'
import { type PathPattern, toFoldedShape, toShape } from './path-pattern.ts'

/** What decides which requests a route is for. */
export interface RouteMatch {
  readonly id: string
  readonly pattern: PathPattern
  readonly methods: readonly string[]
  readonly hosts: readonly string[]
  /** Where to complain; null for routes that a policy brings. */
  readonly path: KeyPath | null
  readonly position: Position | null
  /** The policy that brings the route. */
  readonly broughtBy: string | null
}

export interface Conflict {
  readonly route: RouteMatch
  readonly other: RouteMatch
  readonly message: string
  readonly hint: string
}

/**
 * Finds routes of which no rule says which one wins: the same host, method and path, names of parameters and the
 * forms that careless servers read alike not counted. The more specific route wins everywhere else.
 */
export function findConflicts(routes: readonly RouteMatch[]): Conflict[] {
  const conflicts: Conflict[] = []
  const groups = new Map<string, RouteMatch[]>()
  for (const route of routes) {
    const shape = toFoldedShape(route.pattern)
    const before = groups.get(shape) ?? []
    for (const other of before) {
      if (overlaps(route, other)) conflicts.push(describeConflict(route, other))
    }
    groups.set(shape, [...before, route])
  }
  for (const route of routes) {
    const hiding = findHiding(route, groups)
    if (hiding !== null) conflicts.push(describeHidden(route, hiding))
  }
  return conflicts
}

const restEnd = '/{*}'
/** Patterns are no deeper than this for all that people write; what is deeper is not looked at. */
const deepest = 16

/**
 * A pattern for the rest of a path can be hidden by several together: what is left of it when one takes the bare
 * prefix, one a single segment, and one (or again several) two segments and more. Returns one of them.
 */
function findHiding(route: RouteMatch, groups: ReadonlyMap<string, readonly RouteMatch[]>): RouteMatch | null {
  const shape = toFoldedShape(route.pattern)
  if (!shape.endsWith(restEnd)) return null
  const taken = (other: string) => {
    const takers = (groups.get(other) ?? []).filter((one) => one !== route && coversHosts(one.hosts, route.hosts))
    return coversMethods(takers, route.methods) ? (takers[0] as RouteMatch) : null
  }
  let prefix = shape.slice(0, -restEnd.length)
  for (let depth = 0; depth < deepest; depth++) {
    if (taken(prefix === '' ? '/' : prefix) === null || taken(`${prefix}/{}`) === null) return null
    const rest = taken(`${prefix}/{}${restEnd}`)
    if (rest !== null) return rest
    prefix = `${prefix}/{}`
  }
  return null
}

function coversHosts(hosts: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length === 0 ? hosts.length === 0 : wanted.every((host) => hosts.includes(host))
}

function coversMethods(takers: readonly RouteMatch[], wanted: readonly string[]): boolean {
  if (takers.some(({ methods }) => methods.length === 0)) return true
  const together = new Set(takers.flatMap(({ methods }) => methods))
  return wanted.length > 0 && wanted.every((method) => together.has(method))
}

function describeHidden(route: RouteMatch, other: RouteMatch): Conflict {
  return {
    route,
    other,
    message: `can never be reached: ${nameRoute(other)} and others take every path that it matches`,
    hint: 'Remove it, or one of those that hide it.',
  }
}

function overlaps(a: RouteMatch, b: RouteMatch): boolean {
  return shareHost(a.hosts, b.hosts) && shareMethod(a.methods, b.methods)
}

/** A named host wins over a wildcard, and both win over routes for any host; equals conflict. */
function shareHost(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 ? b.length === 0 : a.some((host) => b.includes(host))
}

function shareMethod(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((method) => b.includes(method))
}

function describeConflict(a: RouteMatch, b: RouteMatch): Conflict {
  const [route, other] = a.path === null ? [b, a] : [a, b]
  const same = toShape(route.pattern) === toShape(other.pattern)
  const message = same
    ? `matches the same requests as ${nameRoute(other)}`
    : `cannot be told apart from ${nameRoute(other)}: some servers ignore case, escapes or a last slash`
  const hint =
    other.broughtBy === null
      ? 'Give them different methods, hosts or paths, or make them one route.'
      : 'Give this route another path.'
  return { route, other, message, hint }
}

function nameRoute({ id, position, broughtBy }: RouteMatch): string {
  const where = position === null ? '' : ` (line ${position.line})`
  return broughtBy === null ? `${id}${where}` : `${id} (brought by the policy ${broughtBy})`
}
