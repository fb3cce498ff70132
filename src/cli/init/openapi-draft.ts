import { parsePathPattern, toFoldedShape } from '../../config/routes/path-pattern.ts'
import type { Draft, DraftRoute } from './draft.ts'
import { childOf, isPlain, type Plain, resolveRef } from './openapi-document.ts'
import { type Demand, readDemand, readIssuer, readKeyHeaders } from './openapi-security.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/** Turns the operations of an OpenAPI document into routes: one for each path and demand. */
export function createOpenApiDraft(document: Plain, upstream: string): Draft {
  const warnings: string[] = []
  const routes: DraftRoute[] = []
  const shapes = new Map<string, string>()
  for (const [template, item] of Object.entries(childOf(document, 'paths'))) {
    const path = toPath(template)
    const pattern = parsePathPattern(path, false)
    const operations = resolveRef(document, item)
    if ('message' in pattern) {
      warnings.push(`${template} is left out: ${pattern.message}`)
    } else if (operations === null) {
      warnings.push(`${template} is left out: it refers to another document`)
    } else {
      const other = shapes.get(toFoldedShape(pattern))
      if (other === undefined) routes.push(...toRoutes(document, path, operations))
      else warnings.push(`${template} is left out: it matches the same requests as ${other}`)
      shapes.set(toFoldedShape(pattern), template)
    }
  }
  if (routes.length === 0) warnings.push('no path could be taken over: the file lets nothing through')
  warnings.push(...describeBasePaths(document))
  return { upstream, routes, issuer: readIssuer(document), keyHeaders: readKeyHeaders(document), warnings }
}

/** Names of parameters are letters, digits and `_` here. */
function toPath(template: string): string {
  return template.replace(
    /\{([^{}/]+)\}/g,
    (_, name: string) => `{${name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^\d/, '_$&')}}`,
  )
}

function toRoutes(document: Plain, path: string, operations: Plain): DraftRoute[] {
  const byDemand = new Map<string, { demand: Demand; methods: string[] }>()
  for (const method of methods) {
    const operation = operations[method]
    // HEAD follows GET.
    if (!isPlain(operation) || (method === 'head' && isPlain(operations.get))) continue
    const demand = readDemand(document, operation)
    const key = JSON.stringify(demand)
    const entry = byDemand.get(key) ?? { demand, methods: [] }
    entry.methods.push(method.toUpperCase())
    byDemand.set(key, entry)
  }
  return [...byDemand.values()].map(({ demand, methods: own }) => ({ path, methods: own, ...demand }))
}

/** Servers are given on the command line; a base path in the document's own would be missing from every route. */
function describeBasePaths(document: Plain): string[] {
  const servers = Array.isArray(document.servers) ? document.servers : []
  const paths = servers.map((server) => {
    const url = isPlain(server) ? String(server.url) : ''
    return URL.canParse(url, 'http://base.invalid') ? new URL(url, 'http://base.invalid').pathname : '/'
  })
  const odd = [...new Set(paths)].filter((path) => path !== '/')
  return odd.map((path) => `the document's servers have the base path ${path}, which the routes do not have`)
}
