import type { ProbeTarget } from '../../core/probe.ts'
import { DocumentError } from '../../openapi/document-error.ts'
import { type Documents, documentsBlock } from '../../openapi/documents-block.ts'
import type { GatheredDocument } from '../../openapi/gather-document.ts'
import { OpenApiDocument } from '../../openapi/open-api-document.ts'
import type { OperationContract } from '../../openapi/operation.ts'
import type { OperationEntry } from '../../openapi/read-operation.ts'
import type { ValidateOptions } from './options.ts'

const opened = new WeakMap<GatheredDocument, OpenApiDocument>()

/** The operation of the document that a route's probes are for; null where no single one is. */
export function findProbed(
  { openapi = '', basePath }: ValidateOptions,
  target: ProbeTarget,
): { readonly operation: OperationContract; readonly target: ProbeTarget } | null {
  const gathered = target.block?.<Documents | undefined>(documentsBlock)?.[openapi]
  if (gathered === undefined) return null
  const document = opened.get(gathered) ?? new OpenApiDocument(gathered)
  opened.set(gathered, document)
  const base = basePath?.replace(/\/$/, '') ?? document.basePath
  const entry = target.route.path.includes('*') ? findBelow(document, base, target) : findAt(document, base, target)
  if (entry === null) return null
  try {
    const operation = document.contractOf(entry)
    // Parameters go by the names of the document.
    const path = base + entry.template
    const isWide = target.route.path.includes('*')
    return { operation, target: { ...target, ...(isWide && { path }), route: { ...target.route, path } } }
  } catch (error) {
    if (error instanceof DocumentError) return null
    throw error
  }
}

function findAt(document: OpenApiDocument, base: string, { method, path }: ProbeTarget): OperationEntry | null {
  if (!path.startsWith(`${base}/`)) return null
  const found = document.find(method, path.slice(base.length))
  return found.kind === 'operation' ? found.operation : null
}

/** Of a route for many paths, the first operation below it. */
function findBelow(document: OpenApiDocument, base: string, { method, route }: ProbeTarget): OperationEntry | null {
  const prefix = /^[^{*]*/.exec(route.path)?.[0] ?? '/'
  const found = document.operations.find((one) => one.method === method && `${base}${one.template}`.startsWith(prefix))
  return found ?? null
}
