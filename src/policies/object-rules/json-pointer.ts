/** What a document does not hold. */
export const missing = Symbol('missing')

/** Prepares a JSON pointer (RFC 6901): the keys that lead to a value. */
export function toKeys(pointer: string): readonly string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Follows the keys through records only: what a rule names is a member, never a place in a list. */
export function readPointer(document: unknown, keys: readonly string[]): unknown {
  let value = document
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return missing
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
