import type { JsonObject } from '../crypto/tokens/unique-json.ts'

/**
 * Where a claim stands: `roles`, `realm_access.roles`, or a list of names for claims whose own names hold dots. A
 * name that is a URL (`https://example.com/roles`) is one name.
 */
export function parseClaimPath(path: string | readonly string[]): readonly string[] {
  if (typeof path !== 'string') return path
  return path.includes('://') ? [path] : path.split('.')
}

/** What stands there; undefined where nothing does. */
export function readClaim(claims: JsonObject, path: readonly string[]): unknown {
  let value: unknown = claims
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as JsonObject)[name]
  }
  return value
}
