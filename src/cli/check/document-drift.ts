import type { RouteSpec } from '../../config/snapshot.ts'
import { createRouter } from '../../gateway/router.ts'
import { combineHeld, listsScopes } from '../../openapi/combine-held.ts'
import type { Location } from '../../openapi/location.ts'
import type { OpenApiDocument } from '../../openapi/open-api-document.ts'
import type { OperationEntry } from '../../openapi/read-operation.ts'
import type { Requirement } from '../../policies/rbac/options.ts'
import type { ValidateOptions } from '../../policies/validate/options.ts'

/** Something in which a document and the policy file differ. */
export interface Drift {
  /** In the document; null for what stands in the policy file only. */
  readonly at: Location | null
  readonly text: string
}

/** What `rbac` asks for on a route, in every instance of it. */
interface Asked {
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** How a document and the routes that are held to it differ. */
export function findDrift(name: string, document: OpenApiDocument, routes: readonly RouteSpec[]): Drift[] {
  const ofApi = routes.filter(({ forward }) => forward.kind === 'upstream' || forward.kind === 'handler')
  const held = ofApi.filter((route) => optionsOf(route, name) !== null)
  return [
    ...findStrayRoutes(name, document, held),
    ...findStrayOperations(name, document, ofApi),
    ...findOpen(name, document, ofApi),
  ]
}

/** Routes and methods for which the document has no operation: all their requests are refused. */
function findStrayRoutes(name: string, document: OpenApiDocument, routes: readonly RouteSpec[]): Drift[] {
  return routes.flatMap((route) => {
    const options = optionsOf(route, name)
    if (options === null || options.unsafeAllowUnknownOperations !== undefined || isWide(route)) return []
    const base = toBase(options, document)
    const sample = toSample(route.path)
    const below = sample.startsWith(`${base}/`) ? sample.slice(base.length) : null
    const methods = route.methods.length === 0 ? ['GET'] : route.methods
    return methods.flatMap((method): Drift[] => {
      const found = below === null ? null : document.find(method, below)
      if (found?.kind === 'operation') return []
      const what = found?.kind === 'no-method' ? 'the path, but not the method' : 'no such path'
      const line = route.position === null ? '' : ` (line ${route.position.line} of the policy file)`
      return [
        { at: null, text: `${method} ${route.path}${line}: the document has ${what}, so its requests are refused` },
      ]
    })
  })
}

function findStrayOperations(name: string, document: OpenApiDocument, routes: readonly RouteSpec[]): Drift[] {
  const routesOf = createRouteFinder(name, document, routes)
  return document.operations.flatMap((entry): Drift[] => {
    const { method, template, node } = entry
    const tell = (text: string): Drift => ({ at: node, text: `${method} ${template} ${text}` })
    if (method === 'TRACE' || method === 'CONNECT') return [tell('is never passed on')]
    const matched = routesOf(entry)
    if (matched.length === 0) return [tell('has no route')]
    return matched.flatMap((route) => {
      if (optionsOf(route, name) === null) return [tell(`is not held to the document on the route ${route.id}`)]
      return compareSecurity(document, entry, route).map(tell)
    })
  })
}

/** What a document leaves open although callers need a credential: told together, as nothing gets past. */
function findOpen(name: string, document: OpenApiDocument, routes: readonly RouteSpec[]): Drift[] {
  const routesOf = createRouteFinder(name, document, routes)
  const open = document.operations.filter((entry) => isOpen(document, entry))
  const asked = open.filter((entry) => routesOf(entry).some(({ authenticated }) => authenticated))
  const [first] = asked
  if (first === undefined) return []
  const names = asked.slice(0, 5).map(({ method, template }) => `${method} ${template}`)
  const more = asked.length > names.length ? ` and ${asked.length - names.length} more` : ''
  return [{ at: first.node, text: `open by the document, while routes ask who calls: ${names.join(', ')}${more}` }]
}

function isOpen(document: OpenApiDocument, entry: OperationEntry): boolean {
  const requirements = document.securityOf(entry)
  return requirements.length === 0 || requirements.some(({ size }) => size === 0)
}

/** Finds the routes that take the requests of an operation, one for each host. */
function createRouteFinder(name: string, document: OpenApiDocument, routes: readonly RouteSpec[]) {
  const router = createRouter(routes)
  const hosts = [...new Set(['', ...routes.flatMap((route) => route.hosts.map((host) => host.replace('*', 'any')))])]
  const held = routes.flatMap((route) => optionsOf(route, name) ?? [])
  const bases = [...new Set(held.map((options) => toBase(options, document)))]
  return ({ method, template }: OperationEntry): readonly RouteSpec[] => {
    const found = (bases.length === 0 ? [document.basePath] : bases).flatMap((base) =>
      hosts.flatMap((host) => {
        const match = router.find(method, host, base + toSample(template), false)
        return match.kind === 'route' ? [match.route] : []
      }),
    )
    return [...new Set(found)]
  }
}

/** What a route asks of callers less, or more, than the document does. */
function compareSecurity(document: OpenApiDocument, entry: OperationEntry, route: RouteSpec): string[] {
  if (isOpen(document, entry)) return []
  const requirements = document.securityOf(entry)
  const schemes = [...new Set(requirements.flatMap((one) => [...one.keys()]))]
  if (!route.authenticated) return [`asks for ${schemes.join(' or ')} by the document, and the route is public`]
  const together = requirements.filter(({ size }) => size > 1)
  const asked = askedOf(route)
  const wanted = (isScopes: boolean) =>
    combineHeld(
      requirements.map((one) =>
        [...one].flatMap(([scheme, names]) =>
          listsScopes(document.securitySchemes[scheme] ?? {}) === isScopes ? names : [],
        ),
      ),
    ).held
  return [
    ...(together.length === requirements.length
      ? [`asks for several credentials at once by the document (${schemes.join(' and ')}), and the route for one`]
      : []),
    ...compareNames('scope', wanted(true), asked.scopes),
    ...compareNames('role', wanted(false), asked.roles),
  ]
}

function compareNames(what: string, wanted: Requirement, asked: readonly string[]): string[] {
  const named = [...wanted.all, ...wanted.any]
  const missing = named.filter((name) => !asked.includes(name))
  const more = asked.filter((name) => !named.includes(name))
  return [
    ...(missing.length === 0 ? [] : [`needs the ${what} ${missing.join(', ')} by the document, not on the route`]),
    ...(more.length === 0 ? [] : [`needs the ${what} ${more.join(', ')} on the route, not by the document`]),
  ]
}

function askedOf({ policies }: RouteSpec): Asked {
  const all = policies.filter(({ name }) => name === 'rbac').map(({ options }) => options as Partial<Asks>)
  const names = (key: keyof Asks) => all.flatMap((one) => [...(one[key]?.all ?? []), ...(one[key]?.any ?? [])])
  return { scopes: names('scopes'), roles: names('roles') }
}

interface Asks {
  readonly scopes: Requirement
  readonly roles: Requirement
}

function optionsOf({ policies }: RouteSpec, name: string): ValidateOptions | null {
  const all = policies.filter((one) => one.name === 'validate').map(({ options }) => options as ValidateOptions)
  return all.find(({ openapi }) => openapi === name) ?? null
}

function toBase({ basePath }: ValidateOptions, document: OpenApiDocument): string {
  return basePath?.replace(/\/$/, '') ?? document.basePath
}

function isWide({ path }: RouteSpec): boolean {
  return path.includes('*')
}

/** A path that fits a pattern or a template. */
function toSample(pattern: string): string {
  return pattern.replace(/\{[^{}]+\}/g, 'x')
}
