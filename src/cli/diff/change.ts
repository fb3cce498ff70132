import type { Effect } from '../../core/judge.ts'
import { isSame } from '../../core/stable-json.ts'
import { isPlain, isRate, toOptionText } from '../option-text.ts'
import type { FindUnit } from '../option-units.ts'

/** One thing that differs between two policy files, and what that does to the protection. */
export interface Change {
  readonly effect: Effect
  /** What it is about: a route, or the path of a value outside of routes. */
  readonly subject: string
  readonly text: string
}

/** `maxBytes: 1 MiB → 2 MiB, per: ip → principal` */
export function describeDifferences(before: unknown, after: unknown, unitOf: FindUnit): string {
  return list(before, after, [], unitOf).join(', ')
}

function list(before: unknown, after: unknown, path: readonly string[], unitOf: FindUnit): string[] {
  if (!isPlain(before) || !isPlain(after) || isRate(before) || isRate(after)) {
    if (isSame(before, after)) return []
    const text = `${toOptionText(before, path, unitOf)} → ${toOptionText(after, path, unitOf)}`
    return [path.length === 0 ? text : `${path.join('.')}: ${text}`]
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((key) => list(before[key], after[key], [...path, key], unitOf))
}
