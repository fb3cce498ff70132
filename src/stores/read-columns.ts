import type { StoreError } from './ports/store-error.ts'

/** What a column must hold; anything else is damage, which `damaged` words. */
export function parseJson<T>(json: string, is: (value: unknown) => value is T, damaged: () => StoreError): T {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw damaged()
  }
  if (!is(value)) throw damaged()
  return value
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readTime(value: number | string, damaged: () => StoreError): number {
  // Number('') is 0, and a time at that.
  const time = value === '' ? Number.NaN : Number(value)
  if (Number.isSafeInteger(time)) return time
  throw damaged()
}

export function readTimeOrNull(value: number | string | null, damaged: () => StoreError): number | null {
  return value === null ? null : readTime(value, damaged)
}
