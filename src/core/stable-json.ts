/**
 * JSON with sorted keys: equal data gives equal text. Patterns, which options may hold, are written as text; what
 * cannot be handed to another thread throws, so that no option is lost silently.
 */
export function toStableJson(value: unknown): string {
  return JSON.stringify(toPlain(value, ''))
}

export function isSame(a: unknown, b: unknown): boolean {
  return toStableJson(a) === toStableJson(b)
}

function toPlain(value: unknown, key: string): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return value.map((entry) => toPlain(entry, key))
  if (value instanceof RegExp) return { pattern: String(value) }
  const isPlainObject =
    typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  if (!isPlainObject) throw new TypeError(`"${key}" holds something that is not plain data`)
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, entry]) => [name, toPlain(entry, name)]))
}
