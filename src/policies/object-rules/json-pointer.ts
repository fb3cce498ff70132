import { foldMember } from '../../core/json-body.ts'

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

/** Whether a program to which case does not matter could follow the keys to somewhere else. */
export function leadsElsewhere(document: unknown, keys: readonly string[]): boolean {
  let value = document
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return false
    const wanted = foldMember(key)
    if (Object.keys(value).some((name) => name !== key && foldMember(name) === wanted)) return true
    value = readPointer(value, [key])
  }
  return false
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
