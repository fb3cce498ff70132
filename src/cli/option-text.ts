import { toValueText } from '../core/judge.ts'
import { formatBytes, formatDuration, type Rate } from '../core/units.ts'
import type { FindUnit } from './option-units.ts'

export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegExp)
}

export function isRate(value: unknown): value is Rate {
  return isPlain(value) && Object.keys(value).sort().join() === 'limit,windowMs'
}

/** An option as a person reads it: `1MiB`, `30s`, `600 per 1m`, `{ maxAge: 730d, preload: false }`. */
export function toOptionText(value: unknown, path: readonly string[], unitOf: FindUnit): string {
  if (typeof value === 'number') {
    const unit = unitOf(path)
    return unit === null ? String(value) : unit === 'duration' ? formatDuration(value) : formatBytes(value)
  }
  if (isRate(value)) return `${value.limit} per ${formatDuration(value.windowMs)}`
  return isPlain(value) ? `{ ${listOptions(value, path, unitOf).join(', ')} }` : toValueText(value)
}

/** `name: text` for each option that is set. */
export function listOptions(options: unknown, path: readonly string[], unitOf: FindUnit): string[] {
  return Object.entries(options ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${toOptionText(value, [...path, key], unitOf)}`)
}
