import createPathRouter from 'find-my-way'
import { foldPath } from '../core/path.ts'

/** What the router needs to know of a route. */
export interface Routable {
  readonly id: string
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly path: string
  readonly allowEncodedSlash: boolean
}

export interface Match<R> {
  readonly kind: 'route'
  readonly route: R
  readonly params: Readonly<Record<string, string>>
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
   * HEAD follows GET where no route names HEAD itself.
   */
  find(method: string, host: string, path: string, encodedSlash: boolean): Match<R> | Miss
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})
const noRoute: Miss = Object.freeze({ kind: 'no-route' })
const noHost: Miss = Object.freeze({ kind: 'no-host' })
const encodedSlashMiss: Miss = Object.freeze({ kind: 'encoded-slash' })

/** Compiles routes; their conflicts were refused when the policy file was read. */
export function createRouter<R extends Routable>(routes: readonly R[]): Router<R> {
  const hosts = createHostTable(routes)

  return {
    find(method, host, path, encodedSlash) {
      const tables = hosts.lookup(host)
      if (tables === null) return noHost
      for (const table of tables) {
        const match = table.find(method, path)
        if (match === null) continue
        if (encodedSlash && !match.route.allowEncodedSlash) return encodedSlashMiss
        const other = otherReading(tables, method, path, match.route)
        return other === null ? match : { kind: 'ambiguous', other }
      }
      return explainMiss(tables, path)
    },
  }
}

/** The id of a different route that a careless upstream would take the path for; null for nearly every request. */
function otherReading<R extends Routable>(
  tables: readonly PathTable<R>[],
  method: string,
  path: string,
  route: R,
): string | null {
  const folded = foldPath(path)
  if (folded === path && !tables.some((table) => table.hasFoldedPatterns)) return null
  for (const table of tables) {
    const match = table.findFolded(method, folded, path.endsWith('/'))
    if (match !== null) return match.id === route.id ? null : match.id
  }
  return null
}

function explainMiss<R extends Routable>(tables: readonly PathTable<R>[], path: string): Miss {
  const allowed = new Set<string>()
  for (const table of tables) for (const method of table.methodsOf(path)) allowed.add(method)
  if (allowed.has('GET')) allowed.add('HEAD')
  return allowed.size === 0 ? noRoute : { kind: 'no-method', allowed: [...allowed].sort() }
}

/** Host names to the tables that answer for them, the most specific first. */
function createHostTable<R extends Routable>(routes: readonly R[]) {
  const names = new Set(routes.flatMap((route) => route.hosts))
  const anyHost = new PathTable(routes.filter((route) => route.hosts.length === 0))
  const exact = new Map<string, PathTable<R>>()
  const wildcards: { suffix: string; table: PathTable<R> }[] = []
  for (const name of names) {
    const table = new PathTable(routes.filter((route) => route.hosts.includes(name)))
    if (name.startsWith('*.')) wildcards.push({ suffix: name.slice(1), table })
    else exact.set(name, table)
  }
  wildcards.sort((a, b) => b.suffix.length - a.suffix.length)
  const onlyAny = [anyHost]

  function lookup(host: string): readonly PathTable<R>[] | null {
    if (names.size === 0) return onlyAny
    const name = withoutPort(host)
    const tables: PathTable<R>[] = []
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

/** The routes of one host: a path tree per method, so that a less specific route still serves another method. */
class PathTable<R extends Routable> {
  readonly empty: boolean
  /** True where a pattern itself would fold to something else, so that plain paths must be checked too. */
  readonly hasFoldedPatterns: boolean
  readonly #exact = new Map<string, PathTree<R>>()
  readonly #folded = new Map<string, PathTree<R>>()
  readonly #foldedWithParents = new Map<string, PathTree<R>>()

  constructor(routes: readonly R[]) {
    this.empty = routes.length === 0
    this.hasFoldedPatterns = routes.some((route) => foldPattern(route.path) !== route.path)
    const methods = new Set([anyMethod, ...routes.flatMap((route) => route.methods)])
    for (const method of methods) {
      const own = routes.filter((route) => route.methods.length === 0 || route.methods.includes(method))
      this.#exact.set(method, new PathTree(own, (path) => path))
      this.#folded.set(method, new PathTree(own, foldPattern))
      this.#foldedWithParents.set(method, new PathTree([...own, ...toParents(own)], foldPattern))
    }
  }

  find(method: string, path: string): Match<R> | null {
    return pickTree(this.#exact, method, (tree) => tree.find(path))
  }

  /** @param trimmed whether folding took a slash off the end of the path */
  findFolded(method: string, path: string, trimmed: boolean): R | null {
    return pickTree(trimmed ? this.#foldedWithParents : this.#folded, method, (tree) => tree.find(path)?.route ?? null)
  }

  methodsOf(path: string): string[] {
    return [...this.#exact.keys()].filter(
      (method) => method !== anyMethod && this.#exact.get(method)?.find(path) !== null,
    )
  }
}

function pickTree<R extends Routable, T>(
  trees: ReadonlyMap<string, PathTree<R>>,
  method: string,
  find: (tree: PathTree<R>) => T | null,
): T | null {
  const own = trees.get(method)
  const found = own === undefined ? null : find(own)
  if (found !== null) return found
  const fallback = trees.get(method === 'HEAD' ? 'GET' : anyMethod) ?? trees.get(anyMethod)
  return fallback === undefined || fallback === own ? null : find(fallback)
}

/** The paths of one host and method. */
class PathTree<R extends Routable> {
  readonly #static = new Map<string, Match<R>>()
  readonly #tree = createPathRouter({ caseSensitive: true, maxParamLength: 65_536 })
  #hasPatterns = false

  constructor(routes: readonly R[], toPattern: (path: string) => string) {
    for (const route of routes) {
      const path = toPattern(route.path)
      if (!path.includes('{') && !path.endsWith('/**')) {
        // Patterns that fold to the same text were refused when the file was read; the first stands for both.
        if (!this.#static.has(path)) this.#static.set(path, { kind: 'route', route, params: noParams })
      } else {
        const pattern = toTreePattern(path)
        if (this.#tree.findRoute('GET', pattern) !== null) continue
        this.#tree.on('GET', pattern, noHandler, { route, names: readNames(path) })
        this.#hasPatterns = true
      }
    }
  }

  find(path: string): Match<R> | null {
    const fixed = this.#static.get(path)
    if (fixed !== undefined) return fixed
    if (!this.#hasPatterns) return null
    const found = this.#tree.find('GET', path)
    if (found === null) return null
    const { route, names } = found.store as { route: R; names: readonly string[] }
    const params: Record<string, string> = {}
    for (let i = 0; i < names.length; i++) params[names[i] as string] = found.params[`p${i}`] ?? found.params['*'] ?? ''
    return { kind: 'route', route, params }
  }
}

const restName = '**'

/** Trimmed of its slash, `/files/` is still a matter of `/files/**` where no route of its own answers `/files`. */
function toParents<R extends Routable>(routes: readonly R[]): R[] {
  return routes.flatMap((route) => {
    const match = /^(.+)\/(?:\*\*|\{[^}]+\*\})$/.exec(route.path)
    return match === null ? [] : [{ ...route, path: match[1] as string }]
  })
}

function noHandler(): void {}

/**
 * `/orders/{id}` → `/orders/:p0`, `/files/{path*}` and `/files/**` → `/files/*`. A parameter stands for one character at
 * least: `/orders/` is the list to many upstreams, and must not pass as an order.
 */
function toTreePattern(path: string): string {
  let count = 0
  return path
    .replaceAll(':', '::')
    .replace(/\/\*\*$/, '/*')
    .replace(/\{([^}]+)\}/g, (_, name: string) => (name.endsWith('*') ? '*' : `:p${count++}(^.+$)`))
}

function readNames(path: string): string[] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => (match[1] as string).replace(/\*$/, ''))
  return path.endsWith('/**') ? [...names, restName] : names
}

/** Folds the fixed parts of a pattern and leaves its parameters as they are. */
function foldPattern(path: string): string {
  const folded = path
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? part : part.toLowerCase().replace(/;[^/]*/g, '')))
    .join('')
    .replace(/\/{2,}/g, '/')
  return folded.length > 1 && folded.endsWith('/') ? folded.slice(0, -1) : folded
}
