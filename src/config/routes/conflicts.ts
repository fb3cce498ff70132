import type { Position } from '../snapshot.ts'
import type { KeyPath } from '../source/key-path.ts'
import { type PathPattern, toFoldedShape, toShape } from './path-pattern.ts'
import { ShapeTable } from './shape-table.ts'

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
 * forms that careless servers read alike not counted. The more specific route wins everywhere else. Then those that
 * others hide together. At most one conflict for each route, as ten thousand alike would make fifty million.
 */
export function findConflicts(routes: readonly RouteMatch[]): Conflict[] {
  const conflicts: Conflict[] = []
  const table = new ShapeTable<RouteMatch>()
  for (const route of routes) {
    const shape = toFoldedShape(route.pattern)
    const rival = table.findRival(shape, route, (other) => toShape(other.pattern) !== toShape(route.pattern))
    if (rival !== null) conflicts.push(describeConflict(route, rival))
    table.add(shape, route)
  }
  for (const route of routes) {
    const hiding = findHiding(route, table)
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
function findHiding(route: RouteMatch, table: ShapeTable<RouteMatch>): RouteMatch | null {
  const shape = toFoldedShape(route.pattern)
  if (!shape.endsWith(restEnd)) return null
  let prefix = shape.slice(0, -restEnd.length)
  for (let depth = 0; depth < deepest; depth++) {
    if (table.findTaker(prefix === '' ? '/' : prefix, route) === null) return null
    if (table.findTaker(`${prefix}/{}`, route) === null) return null
    const rest = table.findTaker(`${prefix}/{}${restEnd}`, route)
    if (rest !== null) return rest
    prefix = `${prefix}/{}`
  }
  return null
}

function describeHidden(route: RouteMatch, other: RouteMatch): Conflict {
  return {
    route,
    other,
    message: `can never be reached: ${nameRoute(other)} and others take every path that it matches`,
    hint: 'Remove it, or one of those that hide it.',
  }
}

function describeConflict(a: RouteMatch, b: RouteMatch): Conflict {
  const [route, other] = a.path === null ? [b, a] : [a, b]
  const same = toShape(route.pattern) === toShape(other.pattern)
  const message = same
    ? `matches the same requests as ${nameRoute(other)}`
    : `cannot be told apart from ${nameRoute(other)}: some servers ignore case, escapes or a last slash`
  return { route, other, message, hint: toHint(route, other) }
}

function toHint(route: RouteMatch, other: RouteMatch): string {
  if (other.broughtBy !== null) return 'Give this route another path.'
  const methods = new Set(route.methods)
  const share = methods.size === 0 || other.methods.length === 0 || other.methods.some((one) => methods.has(one))
  return share
    ? 'Give them different methods, hosts or paths, or make them one route.'
    : 'HEAD requests follow GET: write both paths alike.'
}

function nameRoute({ id, position, broughtBy }: RouteMatch): string {
  const where = position === null ? '' : ` (line ${position.line})`
  return broughtBy === null ? `${id}${where}` : `${id} (brought by the policy ${broughtBy})`
}
