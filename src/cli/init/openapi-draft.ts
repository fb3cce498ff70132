import { parsePathPattern } from '../../config/routes/path-pattern.ts'
import { hasOwnServers, readBasePaths } from '../../openapi/base-paths.ts'
import { toPattern } from '../../openapi/path-pattern.ts'
import { childOf, isPlain, type Plain } from '../../openapi/plain.ts'
import type { Demand, Draft, DraftRoute } from './draft.ts'
import { resolveRef } from './openapi-document.ts'
import { readDemand, readIssuers, readKeyHeaders } from './openapi-security.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/** Turns the operations of an OpenAPI document into routes: one for each path and demand. */
export function createOpenApiDraft(document: Plain, upstream: string): Draft {
  const { base, others } = readBasePaths(document)
  const warnings = others.map(
    (other) => `other servers of the document have the base path ${other || '/'}: the routes have ${base || '/'}`,
  )
  const issuers = readIssuers(document)
  const paths = Object.entries(childOf(document, 'paths')).filter(([template]) => !template.startsWith('x-'))
  const routes = paths.flatMap(([template, item]) => {
    const read = readPath(document, template.startsWith('/') ? `${base}${template}` : template, item)
    if ('problem' in read) {
      warnings.push(`${template} is left out: ${read.problem}`)
      return []
    }
    warnings.push(...read.warnings.map((text) => `${template}: ${text}`))
    return toRoutes(document, read.path, template, read.operations, issuers)
  })
  if (paths.length === 0 && Object.keys(childOf(document, 'webhooks')).length > 0) {
    warnings.push('the document has webhooks only: those are calls that the API makes')
  }
  const keyHeaders = readKeyHeaders(document)
  return { upstream, routes, issuers, keyHeaders, basePath: base, contract: null, warnings }
}

interface ReadPath {
  readonly path: string
  readonly operations: Plain
  readonly warnings: readonly string[]
}

function readPath(document: Plain, template: string, item: unknown): ReadPath | { readonly problem: string } {
  const path = toPattern(template)
  const pattern = parsePathPattern(path, false)
  if ('message' in pattern) return { problem: pattern.message }
  const operations = resolveRef(document, item)
  if (operations === null) return { problem: 'it refers to another document, or to nothing' }
  const warnings = [
    ...(isPlain(operations.trace) ? ['TRACE is left out: it is never passed on'] : []),
    ...([operations, ...methods.map((method) => childOf(operations, method))].some(hasOwnServers)
      ? ['has servers of its own, which are not looked at']
      : []),
  ]
  return { path, operations, warnings }
}

function toRoutes(
  document: Plain,
  path: string,
  origin: string,
  operations: Plain,
  issuers: Draft['issuers'],
): DraftRoute[] {
  const byDemand = new Map<string, { demand: Demand; methods: string[] }>()
  for (const method of methods) {
    const operation = operations[method]
    // HEAD follows GET.
    if (!isPlain(operation) || (method === 'head' && isPlain(operations.get))) continue
    const demand = readDemand(document, operation, issuers)
    const key = JSON.stringify(demand)
    const entry = byDemand.get(key) ?? { demand, methods: [] }
    entry.methods.push(method.toUpperCase())
    byDemand.set(key, entry)
  }
  return [...byDemand.values()].map(({ demand, methods: own }) => ({ path, methods: own, origin, ...demand }))
}
