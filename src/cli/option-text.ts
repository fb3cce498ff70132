import type { Rate } from '../core/units.ts'

export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isRate(value: unknown): value is Rate {
  return isPlain(value) && Object.keys(value).sort().join() === 'limit,windowMs'
}

/** An option as a person reads it: `1MiB`, `30s`, `600 per 1m`. */
export function toOptionText(key: string, value: unknown): string {
  if (value === undefined || value === null) return 'none'
  if (typeof value === 'number' && /bytes$/i.test(key)) return toQuantity(value, byteUnits)
  if (typeof value === 'number' && /(?:ms|age|lifetime)$/i.test(key)) return toQuantity(value, timeUnits)
  if (isRate(value)) return `${value.limit} per ${toQuantity(value.windowMs, timeUnits)}`
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return `[${value.join(', ')}]`
  if (isPlain(value)) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
    return `{ ${entries.map(([name, entry]) => `${name}: ${toOptionText(name, entry)}`).join(', ')} }`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const byteUnits = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
  [1, 'B'],
] as const

const timeUnits = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
  [1, 'ms'],
] as const

/** In the largest unit that it is a whole number of. */
function toQuantity(value: number, units: readonly (readonly [number, string])[]): string {
  const [size, name] = units.find(([unit]) => value !== 0 && value % unit === 0) ?? units.at(-1) ?? [1, '']
  return `${value / size}${name}`
}
