import { readTextFile } from '../../config/read-text-file.ts'
import { checkRoot } from '../../openapi/check-root.ts'
import { DocumentError } from '../../openapi/document-error.ts'
import { createPositions, parseText } from '../../openapi/parse-text.ts'
import { isPlain, type Plain } from '../../openapi/plain.ts'
import { toPrintable } from '../printable.ts'

const maxBytes = 16 * 1024 * 1024

/** What is wrong with an OpenAPI document, in words for the operator. */
export class OpenApiError extends Error {}

/** Reads an OpenAPI 3 document, YAML or JSON. */
export async function readOpenApi(file: string): Promise<Plain> {
  const text = await readTextFile(file, maxBytes)
  if (typeof text !== 'string') throw new OpenApiError(`${file}: ${text.message}`)
  try {
    return checkRoot(file, parseText(text, file))
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    const { line, column, message, hint } = error.toProblem(({ tokens }) => createPositions(text)(tokens))
    const place = line === null ? file : `${file}:${line}:${column}`
    throw new OpenApiError(toPrintable(`${place}: ${message}${hint === null ? '' : `. ${hint}`}`))
  }
}

const maxReferences = 10

/** Follows `#/components/…`, what stands beside a reference first; null for what is not in this document. */
export function resolveRef(document: Plain, value: unknown): Plain | null {
  let found = value
  let beside: Plain = {}
  for (let i = 0; i <= maxReferences; i++) {
    if (!isPlain(found)) return null
    const { $ref, ...own } = found
    beside = { ...own, ...beside }
    if ($ref === undefined) return beside
    if (typeof $ref !== 'string' || !$ref.startsWith('#/')) return null
    found = lookUp(document, $ref)
  }
  return null
}

function lookUp(document: Plain, ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((target, part) => {
      const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
      return isPlain(target) && Object.hasOwn(target, key) ? target[key] : undefined
    }, document)
}

/** A reference is a URL, so that `{` may be escaped in it. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
