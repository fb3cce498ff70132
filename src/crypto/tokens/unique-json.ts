export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Parses a JSON object whose members are all unique, at every depth; null where it is none. Two programs may read a
 * repeated member differently, so a token that holds one is not understood (RFC 7515 section 4, RFC 7519 section 4).
 */
export function parseUniqueJson(text: string): JsonObject | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return countWritten(text) === countKept(value) ? (value as JsonObject) : null
}

/** In valid JSON, every colon outside of strings belongs to one member. */
function countWritten(text: string): number {
  let members = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) inString = !inString
    else if (char === 0x5c) i++
    else if (char === 0x3a && !inString) members++
  }
  return members
}

function countKept(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const values = Object.values(value)
  let members = Array.isArray(value) ? 0 : values.length
  for (const each of values) members += countKept(each)
  return members
}
