/** What a JSON pointer (RFC 6901), or the plain name of a claim, leads to; undefined where there is nothing. */
export function readClaim(claims: unknown, pointer: string): unknown {
  if (!pointer.startsWith('/')) return readOwn(claims, pointer)
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(readOwn, claims)
}

/** Ids are numbers at some servers; larger ones than can be told apart are none. */
export function toSubject(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return typeof value === 'string' && value !== '' && value.length <= 255 ? value : null
}

/** Some servers write `"true"`; nothing else is taken for yes. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

export function toText(value: unknown, maxLength: number): string | null {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : null
}

function readOwn(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}
