import type { Position } from '../snapshot.ts'

/** Where something stands in the policy file: the keys and indices that lead to it. */
export type KeyPath = readonly (string | number)[]

/** Whether an error is about a key itself or about what stands under it. */
export type Part = 'key' | 'value'

/** A policy file as plain data, with the way back to its lines. */
export interface ConfigSource {
  readonly file: string
  readonly value: unknown
  /** The place of a path, or of its nearest parent that is written down; null where there are no lines. */
  positionOf(path: KeyPath, part: Part): Position | null
}

/** A key that must never become a property. */
export const forbiddenKey = '__proto__'
