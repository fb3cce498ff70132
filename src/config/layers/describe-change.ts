import { isSame } from '../../core/stable-json.ts'
import type { Applied } from './applied.ts'

/** What one setting changes of another, as the file writes it: `maxBytes: 1MiB → 2GiB`. */
export function describeChange(before: Applied, after: Applied): string {
  const keys = Object.keys(after.input).filter((key) => !isSame(before.input[key], after.input[key]))
  const changes = keys.map((key) => `${key}: ${toText(before.input[key])} → ${toText(after.input[key])}`)
  if (before.mode !== after.mode) changes.push(`mode: ${before.mode} → ${after.mode}`)
  return changes.join(', ')
}

function toText(value: unknown): string {
  if (value === undefined) return '(default)'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
