import { parse } from 'yaml'
import { readTextFile } from '../../config/read-text-file.ts'
import { toPrintable } from '../printable.ts'

const maxBytes = 16 * 1024 * 1024

export type Plain = Readonly<Record<string, unknown>>

/** What is wrong with an OpenAPI document, in words for the operator. */
export class OpenApiError extends Error {}

/** Reads an OpenAPI 3.0 or 3.1 document, YAML or JSON. */
export async function readOpenApi(file: string): Promise<Plain> {
  const text = await readTextFile(file, maxBytes)
  if (typeof text !== 'string') throw new OpenApiError(`${file}: ${text.message}`)
  const document = parseDocument(text, file)
  // `openapi: 3.1` without quotes is a number.
  const version = String(document.openapi ?? '')
  if (/^3\.[01](\.\d+)?$/.test(version)) return document
  const other = document.swagger === undefined ? `OpenAPI ${version}` : `Swagger ${String(document.swagger)}`
  const found = /\d/.test(other) ? `this is ${toPrintable(other)}` : 'this is no OpenAPI document'
  throw new OpenApiError(`${file}: ${found}; versions 3.0 and 3.1 are read`)
}

function parseDocument(text: string, file: string): Plain {
  let value: unknown
  try {
    // Large documents are JSON, which is read a hundred times faster as what it is.
    value = /^\s*\{/.test(text) ? JSON.parse(text) : parse(text, { prettyErrors: false, logLevel: 'error' })
  } catch (error) {
    throw new OpenApiError(`${file}: ${toPrintable((error as Error).message)}`)
  }
  if (!isPlain(value)) throw new OpenApiError(`${file}: this is no OpenAPI document`)
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
