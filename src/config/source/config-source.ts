import type { Position } from '../snapshot.ts'
import type { KeyPath, Part } from './key-path.ts'

/** A policy file as plain data, with the way back to its lines. */
export interface ConfigSource {
  readonly file: string
  readonly value: unknown
  /** The place of a path, or of its nearest parent that is written down; null where there are no lines. */
  positionOf(path: KeyPath, part: Part): Position | null
  /** Where schemas of libraries stand; only objects can hold them. */
  readonly standardSchemas?: readonly KeyPath[]
}

/** More than any policy file holds; aliases and shared objects count each time. */
export const maxValues = 400_000
export const tooManyValues = 'the file holds too many values'

/** A key that must never become a property. */
export const forbiddenKey = '__proto__'
