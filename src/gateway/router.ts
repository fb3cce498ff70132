import { escapeMarks, foldLiteral } from '../config/routes/path-pattern.ts'
import { foldPath } from '../core/path.ts'
import { type Match, PathTable } from '../core/path-table.ts'

export type { Match }

/** What the router needs to know of a route. */
export interface Routable {
  readonly id: string
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly path: string
  readonly allowEncodedSlash: boolean
}

/** Why no route answers. */
export type Miss =
  | { readonly kind: 'no-route' }
  | { readonly kind: 'no-host' }
  | { readonly kind: 'no-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly other: string }
  | { readonly kind: 'encoded-slash' }

export interface Router<R> {
  /**
   * Finds the most specific route. The path is normalised already; `host` may carry a port.
   * HEAD follows GET, unless a route for the same paths names HEAD itself.
   */
  find(method: string, host: string, path: string, encodedSlash: boolean): Match<R> | Miss
}

const noRoute: Miss = Object.freeze({ kind: 'no-route' })
const noHost: Miss = Object.freeze({ kind: 'no-host' })
const encodedSlashMiss: Miss = Object.freeze({ kind: 'encoded-slash' })

/** Compiles routes; their conflicts were refused when the policy file was read. */
export function createRouter<R extends Routable>(routes: readonly R[]): Router<R> {
  const hosts = createHostTable(routes)
  const hasFoldedPatterns = routes.some((route) => foldPattern(route.path) !== route.path)

  return {
    find(method, host, path, encodedSlash) {
      const tables = hosts.lookup(host)
      if (tables === null) return noHost
      for (const table of tables) {
        const found = table.find(method, path)
        if (found === null) continue
        if (encodedSlash && !found.route.allowEncodedSlash) return encodedSlashMiss
        const folded = foldPath(path)
        const other =
          folded === path && !hasFoldedPatterns
            ? null
            : otherReading(tables, method, path, escapeMarks(folded), found.route)
        return other === null ? found : { kind: 'ambiguous', other }
      }
      return explainMiss(tables, path)
    },
  }
}

/** The id of a different route that a careless upstream would take the path for; null for nearly every request. */
function otherReading<R extends Routable>(
  tables: readonly HostRoutes<R>[],
  method: string,
  path: string,
  folded: string,
  route: R,
): string | null {
  for (const table of tables) {
    const match = table.findFolded(method, folded, path.endsWith('/'))
    if (match !== null) return match.id === route.id ? null : match.id
  }
  return null
}

function explainMiss<R extends Routable>(tables: readonly HostRoutes<R>[], path: string): Miss {
  const allowed = new Set<string>()
  for (const table of tables) for (const method of table.methodsOf(path)) allowed.add(method)
  if (allowed.has('GET')) allowed.add('HEAD')
  return allowed.size === 0 ? noRoute : { kind: 'no-method', allowed: [...allowed].sort() }
}

/** Host names to the tables that answer for them, the most specific first. */
function createHostTable<R extends Routable>(routes: readonly R[]) {
  const byName = new Map<string, R[]>()
  for (const route of routes) {
    for (const name of new Set(route.hosts)) {
      const others = byName.get(name)
      if (others === undefined) byName.set(name, [route])
      else others.push(route)
    }
  }
  const anyHost = new HostRoutes(routes.filter((route) => route.hosts.length === 0))
  const exact = new Map<string, HostRoutes<R>>()
  const wildcards: { suffix: string; table: HostRoutes<R> }[] = []
  for (const [name, own] of byName) {
    const table = new HostRoutes(own)
    if (name.startsWith('*.')) wildcards.push({ suffix: name.slice(1), table })
    else exact.set(name, table)
  }
  wildcards.sort((a, b) => b.suffix.length - a.suffix.length)
  const onlyAny = [anyHost]

  function lookup(host: string): readonly HostRoutes<R>[] | null {
    if (byName.size === 0) return onlyAny
    const name = withoutPort(host)
    const tables: HostRoutes<R>[] = []
    const own = exact.get(name)
    if (own !== undefined) tables.push(own)
    for (const { suffix, table } of wildcards) {
      if (name.length > suffix.length && name.endsWith(suffix)) tables.push(table)
    }
    if (!anyHost.empty) tables.push(anyHost)
    return tables.length === 0 ? null : tables
  }
  return { lookup }
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host
  return name.endsWith('.') ? name.slice(0, -1) : name
}

const anyMethod = '*'

/** The routes of one host: a table per method, so that a less specific route still serves another method. */
class HostRoutes<R extends Routable> {
  readonly empty: boolean
  readonly #exact: MethodTables<R>
  readonly #folded: MethodTables<R>
  readonly #foldedWithParents: MethodTables<R>

  constructor(routes: readonly R[]) {
    this.empty = routes.length === 0
    this.#exact = toTables(routes, (own) => own.map((route) => [route.path, route]))
    this.#folded = toTables(routes, (own) => own.map((route) => [foldPattern(route.path), route]))
    this.#foldedWithParents = toTables(routes, (own) =>
      [...own, ...toParents(own)].map((route) => [foldPattern(route.path), route]),
    )
  }

  find(method: string, path: string): Match<R> | null {
    return tableFor(this.#exact, method).find(path)
  }

  /** @param trimmed whether folding took a slash off the end of the path */
  findFolded(method: string, path: string, trimmed: boolean): R | null {
    return tableFor(trimmed ? this.#foldedWithParents : this.#folded, method).find(path)?.route ?? null
  }

  methodsOf(path: string): string[] {
    return [...this.#exact].flatMap(([method, table]) =>
      method === anyMethod || table.find(path) === null ? [] : [method],
    )
  }
}

type MethodTables<R> = ReadonlyMap<string, PathTable<R>>

function toTables<R extends Routable>(
  routes: readonly R[],
  toPatterns: (own: readonly R[]) => (readonly [string, R])[],
): MethodTables<R> {
  const methods = new Set([anyMethod, 'HEAD', ...routes.flatMap((route) => route.methods)])
  return new Map([...methods].map((method) => [method, new PathTable(toPatterns(routesFor(method, routes)))]))
}

/** The routes that answer a method; first those that name it, as the first of two for the same paths stands. */
function routesFor<R extends Routable>(method: string, routes: readonly R[]): R[] {
  const naming = (name: string) => routes.filter((route) => route.methods.includes(name))
  const others = routes.filter((route) => route.methods.length === 0)
  return [...naming(method), ...(method === 'HEAD' ? naming('GET') : []), ...others]
}

function tableFor<R>(tables: MethodTables<R>, method: string): PathTable<R> {
  return tables.get(method) ?? (tables.get(anyMethod) as PathTable<R>)
}

/** Trimmed of its slash, `/files/` is still a matter of `/files/**` where no route of its own answers `/files`. */
function toParents<R extends Routable>(routes: readonly R[]): R[] {
  return routes.flatMap((route) => {
    const match = /^(.+)\/(?:\*\*|\{[^}]+\*\})$/.exec(route.path)
    return match === null ? [] : [{ ...route, path: match[1] as string }]
  })
}

/** Folds the fixed segments of a pattern as `foldPath` does those of a path, and leaves its parameters as they are. */
function foldPattern(path: string): string {
  const folded = path
    .split('/')
    .map((part) => (part.startsWith('{') || part === '**' ? part : foldLiteral(part)))
    .join('/')
  return folded.length > 1 && folded.endsWith('/') ? folded.slice(0, -1) : folded
}
