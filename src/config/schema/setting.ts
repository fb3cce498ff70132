import type { AnyPolicy } from '../../core/policy.ts'
import type { KeyPath } from '../source/key-path.ts'

/** A policy's options as one place of the file gives them. */
export interface Setting {
  readonly policy: AnyPolicy
  /** The policy's key in the file. */
  readonly key: string
  /** As written, without `mode` and `reason`, short forms written out. */
  readonly input: Readonly<Record<string, unknown>>
  readonly options: unknown
  /** Null where the file does not say. */
  readonly mode: 'enforce' | 'observe' | null
  readonly reason: string | null
  /** From the block that the setting stands in (a route, `defaults`). */
  readonly path: KeyPath
}
