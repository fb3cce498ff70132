/**
 * JSON with sorted keys: equal data gives equal text. Patterns, which options may hold, are written as text; what
 * cannot be handed to another thread throws, so that no option is lost silently.
 */
export function toStableJson(value: unknown): string {
  return write(value, '', new Map())
}

export function isSame(a: unknown, b: unknown): boolean {
  return a === b || toStableJson(a) === toStableJson(b)
}

/** @param written the objects that stand in several places, such as what thousands of routes inherit */
function write(value: unknown, key: string, written: Map<object, string>): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') return JSON.stringify(Number.isFinite(value) ? value : String(value))
  if (typeof value !== 'object') throw new TypeError(`"${key}" holds something that is not plain data`)
  const known = written.get(value)
  if (known !== undefined) return known
  const text = writeObject(value, key, written)
  written.set(value, text)
  return text
}

function writeObject(value: object, key: string, written: Map<object, string>): string {
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry, key, written)).join()}]`
  if (value instanceof RegExp) return JSON.stringify({ pattern: String(value) })
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`"${key}" holds something that is not plain data`)
  }
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${write(entry, name, written)}`).join()}}`
}
