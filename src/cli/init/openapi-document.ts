import { readFile, stat } from 'node:fs/promises'
import { parse } from 'yaml'

const maxBytes = 16 * 1024 * 1024

export type Plain = Readonly<Record<string, unknown>>

/** What is wrong with an OpenAPI document, in words for the operator. */
export class OpenApiError extends Error {}

/** Reads an OpenAPI 3.0 or 3.1 document, YAML or JSON. */
export async function readOpenApi(file: string): Promise<Plain> {
  const document = parseDocument(await readBounded(file), file)
  const version = document.openapi
  if (typeof version === 'string' && /^3\.[01](\.\d+)?$/.test(version)) return document
  const found = typeof document.swagger === 'string' ? `Swagger ${document.swagger}` : 'no OpenAPI 3.0 or 3.1 document'
  throw new OpenApiError(`${file}: this is ${found}`)
}

async function readBounded(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > maxBytes) throw new OpenApiError(`${file}: larger than 16 MiB`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof OpenApiError) throw error
    throw new OpenApiError(`${file}: ${(error as NodeJS.ErrnoException).code}, the file cannot be read`)
  }
}

function parseDocument(text: string, file: string): Plain {
  let value: unknown
  try {
    value = parse(text, { prettyErrors: false, logLevel: 'error' })
  } catch (error) {
    throw new OpenApiError(`${file}: ${(error as Error).message}`)
  }
  if (!isPlain(value)) throw new OpenApiError(`${file}: this is no OpenAPI 3.0 or 3.1 document`)
  return value
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under a key; an empty one where there is none. */
export function childOf(value: unknown, key: string): Plain {
  const child = isPlain(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return isPlain(child) ? child : {}
}

/** Follows `#/components/…`; other documents are not fetched. */
export function resolveRef(document: Plain, value: unknown): Plain | null {
  const ref = isPlain(value) ? value.$ref : undefined
  if (typeof ref !== 'string') return isPlain(value) ? value : null
  if (!ref.startsWith('#/')) return null
  let target: unknown = document
  for (const part of ref.slice(2).split('/')) {
    target = childOf(target, part.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return isPlain(target) && Object.keys(target).length > 0 && target.$ref === undefined ? target : null
}
