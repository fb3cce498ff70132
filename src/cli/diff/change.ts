import type { Effect } from '../../core/judge.ts'
import { isPlain, isRate, toOptionText } from '../option-text.ts'

/** One thing that differs between two policy files, and what that does to the protection. */
export interface Change {
  readonly effect: Effect
  /** What it is about: a route, or the path of a value outside of routes. */
  readonly subject: string
  readonly text: string
}

/** An option that differs: its path and both values as text. */
interface Difference {
  readonly key: string
  readonly before: unknown
  readonly after: unknown
}

/** `maxBytes: 1 MiB → 2 MiB, per: ip → principal` */
export function describeDifferences(before: unknown, after: unknown): string {
  return findDifferences(before, after, '')
    .map(
      ({ key, before: from, after: to }) =>
        `${key === '' ? '' : `${key}: `}${toOptionText(key, from)} → ${toOptionText(key, to)}`,
    )
    .join(', ')
}

function findDifferences(before: unknown, after: unknown, key: string): Difference[] {
  if (!isPlain(before) || !isPlain(after) || isRate(before) || isRate(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ key, before, after }]
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((name) => findDifferences(before[name], after[name], key === '' ? name : `${key}.${name}`))
}
