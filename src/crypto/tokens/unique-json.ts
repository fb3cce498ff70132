import { parseJsonBody } from '../../core/json-body.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Parses a JSON object whose members are all unique, at every depth; null where it is none. Two programs may read a
 * repeated member differently, so a token that holds one is not understood (RFC 7515 section 4, RFC 7519 section 4).
 */
export function parseUniqueJson(bytes: Uint8Array): JsonObject | null {
  const read = parseJsonBody(bytes)
  if (!read.ok || typeof read.value !== 'object' || read.value === null || Array.isArray(read.value)) return null
  return read.value as JsonObject
}
