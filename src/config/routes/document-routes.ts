import { toConfigKey } from '../../core/policy.ts'
import type { OpenApiDocument } from '../../openapi/open-api-document.ts'
import { toPattern } from '../../openapi/path-pattern.ts'
import type { OperationEntry } from '../../openapi/read-operation.ts'
import type { CompileContext } from '../compile-context.ts'
import { isPlain } from '../schema/read-setting.ts'
import { readDemand } from './document-demand.ts'
import { parsePathPattern, toShape } from './path-pattern.ts'

type Plain = Readonly<Record<string, unknown>>

/** A route as it is written, or as a document has it: what stands under `routes[index]`. */
export interface WrittenRoute {
  readonly value: unknown
  readonly index: number
}

const ownKeys = ['path', 'paths', 'openapi', 'securitySchemes', 'basePath']

/**
 * Takes the place of each route that names a document by one for each of the document's operations. Those that another
 * route is written for are left to it.
 */
export function expandDocuments(routes: readonly unknown[], context: CompileContext): WrittenRoute[] {
  const taken = findTaken(routes)
  return routes.flatMap((value, index): WrittenRoute[] => {
    if (!isPlain(value) || typeof value.openapi !== 'string') return [{ value, index }]
    const document = context.documents.get(value.openapi)?.opened
    if (document === undefined) return []
    return new Expansion(value, index, document, context).run(taken)
  })
}

class Expansion {
  readonly #route: Plain
  readonly #base: readonly ['routes', number]
  readonly #document: OpenApiDocument
  readonly #context: CompileContext
  readonly #credentials: Readonly<Record<string, string>>
  readonly #basePath: string

  constructor(route: Plain, index: number, document: OpenApiDocument, context: CompileContext) {
    this.#route = route
    this.#base = ['routes', index]
    this.#document = document
    this.#context = context
    this.#credentials = isPlain(route.securitySchemes) ? (route.securitySchemes as Record<string, string>) : {}
    const { basePath } = route
    this.#basePath = typeof basePath === 'string' ? basePath.replace(/\/$/, '') : document.basePath
  }

  run(taken: ReadonlySet<string>): WrittenRoute[] {
    const { report } = this.#context
    for (const key of ['path', 'paths']) {
      if (this.#route[key] === undefined) continue
      report.add([...this.#base, key], 'stands beside `openapi`, which says the paths: keep one of them', {
        part: 'key',
      })
    }
    for (const scheme of Object.keys(this.#credentials)) {
      if (Object.hasOwn(this.#document.securitySchemes, scheme)) continue
      const path = [...this.#base, 'securitySchemes', scheme]
      report.add(path, `the document has no security scheme "${scheme}"`, { part: 'key' })
    }
    const wanted = Array.isArray(this.#route.methods) ? this.#route.methods : null
    const done = new Set<string>()
    return this.#document.operations.flatMap((entry): WrittenRoute[] => {
      const { method } = entry
      if (method === 'TRACE' || method === 'CONNECT' || (wanted !== null && !wanted.includes(method))) return []
      const path = toPattern(this.#basePath + withoutMixed(entry.template))
      const [key = '', every = ''] = toKeys(path, [method, '*'], this.#route.hosts)
      if (taken.has(key) || taken.has(every) || done.has(key)) return []
      done.add(key)
      return this.#toRoute(entry, path)
    })
  }

  #toRoute(entry: OperationEntry, path: string): WrittenRoute[] {
    const { report } = this.#context
    const name = `${entry.method} ${entry.template}`
    const pattern = parsePathPattern(path, true)
    if ('message' in pattern) {
      report.add([...this.#base, 'openapi'], `${name}: ${pattern.message}`, { hint: 'Write a route for it by hand.' })
      return []
    }
    const access = this.#toAccess(entry, name)
    if (access === null) return []
    const rest = Object.fromEntries(Object.entries(this.#route).filter(([key]) => !ownKeys.includes(key)))
    const value = { ...rest, ...access, ...this.#toContract(), path, methods: [entry.method] }
    return [{ value, index: this.#base[1] }]
  }

  /** What the document asks for, where the route does not say it itself. `access: public` is for what it leaves open. */
  #toAccess(entry: OperationEntry, name: string): Plain | null {
    const { authenticate, authorize, access } = this.#route
    if (authenticate !== undefined) return {}
    const demand = readDemand(this.#document, entry, this.#credentials)
    switch (demand.kind) {
      case 'open': {
        if (access === 'public') return { authorize: undefined }
        if (this.#context.defaults.authenticate !== undefined) return {}
        const hint = 'With `access: public` and a `reason`, anyone may call what the document leaves open.'
        this.#context.report.add([...this.#base, 'openapi'], `${name} is left open by the document`, { hint })
        return null
      }
      case 'unknown': {
        const { message, hint } = demand
        this.#context.report.add([...this.#base, 'openapi'], `${name} ${message}`, { hint })
        return null
      }
      case 'asks': {
        const own = authorize === undefined && demand.authorize !== null ? { authorize: demand.authorize } : {}
        return { access: undefined, reason: undefined, authenticate: demand.authenticate, ...own }
      }
    }
  }

  /** Requests are held to the document too, unless the file says how they are judged. */
  #toContract(): Plain {
    const { openapi, basePath, validate, exempt } = this.#route
    const { policies, inherited } = this.#context
    const isKnown = policies.some(({ name }) => toConfigKey(name) === 'validate')
    const isExempt = Array.isArray(exempt) && exempt.some((one) => isPlain(one) && one.policy === 'validate')
    const inherits = inherited.some(({ key, input }) => key === 'validate' && input.openapi === openapi)
    if (!isKnown || isExempt || inherits || validate !== undefined) return {}
    return { validate: { openapi, ...(basePath !== undefined && { basePath }) } }
  }
}

/** `/reports/{year}.{format}` → `/reports/{year_format}`: the document's own table tells what fits. */
function withoutMixed(template: string): string {
  return template
    .split('/')
    .map((part) => {
      const names = [...part.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name)
      return names.length > 0 && part !== `{${names[0]}}` ? `{${names.join('_')}}` : part
    })
    .join('/')
}

/** The requests that routes are written for by hand. */
function findTaken(routes: readonly unknown[]): Set<string> {
  return new Set(
    routes.flatMap((route) => {
      if (!isPlain(route) || route.openapi !== undefined) return []
      const paths = [route.path, route.paths].flat().filter((path) => typeof path === 'string')
      return paths.flatMap((path) => toKeys(path, Array.isArray(route.methods) ? route.methods : ['*'], route.hosts))
    }),
  )
}

function toKeys(path: string, methods: readonly unknown[], hosts: unknown): string[] {
  const pattern = parsePathPattern(path, true)
  const shape = 'message' in pattern ? path : toShape(pattern)
  const where = Array.isArray(hosts) ? [...hosts].sort().join() : ''
  return methods.map((method) => `${where} ${method} ${shape}`)
}
