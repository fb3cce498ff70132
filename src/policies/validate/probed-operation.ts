import type { ProbeTarget } from '../../core/probe.ts'
import { DocumentError } from '../../openapi/document-error.ts'
import { type Documents, documentsBlock } from '../../openapi/documents-block.ts'
import type { GatheredDocument } from '../../openapi/gather-document.ts'
import { OpenApiDocument } from '../../openapi/open-api-document.ts'
import type { OperationContract } from '../../openapi/operation.ts'
import type { ValidateOptions } from './options.ts'

const opened = new WeakMap<GatheredDocument, OpenApiDocument>()

/** The operation of the document that a route's probes are for; null where no single one is. */
export function findProbed(
  { openapi = '', basePath }: ValidateOptions,
  target: ProbeTarget,
): { readonly operation: OperationContract; readonly target: ProbeTarget } | null {
  const gathered = target.block?.<Documents | undefined>(documentsBlock)?.[openapi]
  if (gathered === undefined || target.route.path.includes('*')) return null
  const document = opened.get(gathered) ?? new OpenApiDocument(gathered)
  opened.set(gathered, document)
  const base = basePath?.replace(/\/$/, '') ?? document.basePath
  if (!target.path.startsWith(`${base}/`)) return null
  const found = document.find(target.method, target.path.slice(base.length))
  if (found.kind !== 'operation') return null
  try {
    const operation = document.contractOf(found.operation)
    // Parameters go by the names of the document.
    return { operation, target: { ...target, route: { ...target.route, path: base + found.operation.template } } }
  } catch (error) {
    if (error instanceof DocumentError) return null
    throw error
  }
}
