import { toValueText } from '../core/judge.ts'
import { formatBytes, formatDuration, type Rate } from '../core/units.ts'

export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isRate(value: unknown): value is Rate {
  return isPlain(value) && Object.keys(value).sort().join() === 'limit,windowMs'
}

/** An option as a person reads it: `1MiB`, `30s`, `600 per 1m`. */
export function toOptionText(key: string, value: unknown): string {
  if (typeof value === 'number' && /bytes$/i.test(key)) return formatBytes(value)
  if (typeof value === 'number' && /(?:ms|age|lifetime)$/i.test(key)) return formatDuration(value)
  if (isRate(value)) return `${value.limit} per ${formatDuration(value.windowMs)}`
  if (!isPlain(value)) return toValueText(value)
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return `{ ${entries.map(([name, entry]) => `${name}: ${toOptionText(name, entry)}`).join(', ')} }`
}
