import { type JsonRule, looseJsonLimits } from './json-limits.ts'
import { JsonScanner } from './json-scanner.ts'

/** What a body is, to a policy that decides by it. */
export type JsonBody = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const scanner = new JsonScanner(looseJsonLimits)
/** What the loose limits can find beside a syntax error. */
const problems: Partial<Record<JsonRule, string>> = {
  byteOrderMark: 'the body begins with a byte order mark',
  surrogate: 'the body holds half a surrogate pair',
  duplicate: 'the body repeats a member',
  maxDepth: `the body is nested deeper than ${looseJsonLimits.maxDepth} levels`,
}
const jsonType = /^application\/(?:[a-z0-9!#$&^_.+-]{1,100}\+)?json$/

/** Whether a `Content-Type` says JSON, and in no other encoding than UTF-8 (RFC 8259 section 8.1). */
export function isJsonType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false
  const [type = '', ...parameters] = contentType.toLowerCase().split(';')
  const isUtf8 = parameters.every((one) => {
    const [name = '', value = ''] = one.split('=')
    return name.trim() !== 'charset' || value.trim().replaceAll('"', '') === 'utf-8'
  })
  return isUtf8 && jsonType.test(type.trim())
}

/**
 * Reads a body that a decision depends on, strictly: two programs may read a repeated member, broken UTF-8, half a
 * surrogate pair or a byte order mark differently (RFC 8259 sections 4 and 8), so such a body is not understood. Time
 * is linear in its length.
 * @param isScanned a `JsonScanner` has found no fault in these bytes
 */
export function parseJsonBody(bytes: Uint8Array, isScanned = false): JsonBody {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { ok: false, problem: 'the body is not UTF-8' }
  }
  const fault = isScanned ? null : scanner.scanText(bytes)
  if (fault !== null) return { ok: false, problem: problems[fault.rule] ?? 'the body is not JSON' }
  return { ok: true, value: JSON.parse(text) }
}

/**
 * How a program names a member that looks for it whatever its case, as Go's `encoding/json` does: by way of the upper
 * case, so that `ſ` is `s` and the Kelvin sign is `k`.
 */
export function foldMember(name: string): string {
  return name.toUpperCase().toLowerCase()
}

/** Whether an object in it, at any depth, has two members that differ in case alone. */
export function holdsLookAlikes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!Array.isArray(value)) {
    const names = Object.keys(value)
    if (new Set(names.map(foldMember)).size !== names.length) return true
  }
  return Object.values(value).some(holdsLookAlikes)
}
