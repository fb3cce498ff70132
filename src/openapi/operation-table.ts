import { PathTable } from '../core/path-table.ts'
import { type PathTemplate, readSegment } from './path-template.ts'

/** An operation found by method and path; `params` go by the names of the document. */
export type Found<T> =
  | { readonly kind: 'operation'; readonly operation: T; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'no-path' }
  | { readonly kind: 'no-method'; readonly allowed: readonly string[] }

interface Row<T> {
  readonly template: PathTemplate
  readonly methods: Map<string, T>
}

const noPath = Object.freeze({ kind: 'no-path' as const })
const noParams: Readonly<Record<string, string>> = Object.freeze({})

/** The paths of a document. Fixed text wins over parameters, as OpenAPI has it; HEAD follows GET. */
export class OperationTable<T> {
  readonly #table: PathTable<readonly Row<T>[]>

  constructor(operations: Iterable<readonly [template: PathTemplate, method: string, operation: T]>) {
    const rows = new Map<string, Map<string, Row<T>>>()
    for (const [template, method, operation] of operations) {
      const alike = rows.get(template.pattern) ?? new Map<string, Row<T>>()
      rows.set(template.pattern, alike)
      const row = alike.get(template.text) ?? { template, methods: new Map() }
      alike.set(template.text, row)
      row.methods.set(method, operation)
    }
    const isMixed = ({ template }: Row<T>) => [...template.segments.values()].some((one) => one.literals.some(Boolean))
    this.#table = new PathTable(
      [...rows].map(([pattern, alike]) => [
        pattern,
        [...alike.values()].sort((a, b) => Number(isMixed(b)) - Number(isMixed(a))),
      ]),
    )
  }

  /** @param path normalised, behind the base path */
  find(method: string, path: string): Found<T> {
    const match = this.#table.find(path)
    if (match === null) return noPath
    const allowed = new Set<string>()
    for (const { template, methods } of match.route) {
      const params = readParams(template, match.params)
      if (params === null) continue
      const operation = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined)
      if (operation !== undefined) return { kind: 'operation', operation, params }
      for (const one of methods.keys()) allowed.add(one)
    }
    if (allowed.size === 0) return noPath
    if (allowed.has('GET')) allowed.add('HEAD')
    return { kind: 'no-method', allowed: [...allowed].sort() }
  }
}

function readParams(
  { segments }: PathTemplate,
  found: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  if (segments.size === 0) return noParams
  const params = new Map<string, string>()
  for (const [place, segment] of segments) {
    if (!readSegment(segment, found[place] as string, params)) return null
  }
  return Object.fromEntries(params)
}
