import type { ProbeAnswer } from '../core/probe.ts'

/** The most that an answer takes up in the signed field, as JSON and before Base64. */
const maxBytes = 4096
/** What says how to read a body, or who made it. Nothing that a browser or a cache keeps: no cookie, no place to go to. */
const allowedFields =
  /^(?:content-(?:type|encoding|language|disposition|range)|etag|last-modified|server|x-powered-by|x-aspnet-version)$/
/** Visible characters and spaces: nothing that ends a line, so that no value splits an answer (RFC 9110 section 5.5). */
const allowedValue = /^[\x20-\x7e]{0,512}$/
/** Those that cannot have a body, or promise another kind of answer. */
const bodyless = new Set([204, 205, 304])

/** @throws Error where no deployment would give such an answer */
export function encodeAnswer({ status, headers = [], body }: ProbeAnswer): string {
  const json = JSON.stringify([status, headers, body])
  const encoded = Buffer.from(json).toString('base64url')
  if (decodeAnswer(encoded) === null) throw new Error(`no probe may bring this answer: ${json.slice(0, 200)}`)
  return encoded
}

/** An answer that a probe may bring; null for any other. */
export function decodeAnswer(encoded: string): Required<ProbeAnswer> | null {
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length > maxBytes) return null
  let json: unknown
  try {
    json = JSON.parse(bytes.toString())
  } catch {
    return null
  }
  if (!Array.isArray(json) || json.length !== 3) return null
  const [status, headers, body] = json as [unknown, unknown, unknown]
  return isStatus(status) && Array.isArray(headers) && headers.every(isField) && typeof body === 'string'
    ? { status, headers, body }
    : null
}

function isStatus(status: unknown): status is number {
  return (
    Number.isInteger(status) &&
    (status as number) >= 200 &&
    (status as number) <= 599 &&
    !bodyless.has(status as number)
  )
}

function isField(field: unknown): field is readonly [string, string] {
  if (!Array.isArray(field) || field.length !== 2) return false
  const [name, value] = field as [unknown, unknown]
  return typeof name === 'string' && typeof value === 'string' && allowedFields.test(name) && allowedValue.test(value)
}
