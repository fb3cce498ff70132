import { type AnyPolicy, toConfigKey } from '../../core/policy.ts'
import type { Setting } from '../schema/setting.ts'
import type { ResolvedPolicy } from '../snapshot.ts'
import type { KeyPath } from '../source/key-path.ts'

/** A policy as it applies somewhere, with what is needed to inherit from it. */
export interface Applied {
  readonly policy: AnyPolicy
  readonly key: string
  /** As written, what was inherited filled in. */
  readonly input: Readonly<Record<string, unknown>>
  readonly options: unknown
  readonly mode: 'enforce' | 'observe'
  readonly origin: ResolvedPolicy['origin']
  readonly reason: string | null
  /** Where the options stand; null for built-in ones. */
  readonly path: KeyPath | null
}

/** What applies before any file was read. */
export function createBuiltIns(policies: readonly AnyPolicy[]): Applied[] {
  return policies.flatMap((policy) => {
    if (policy.always === undefined) return []
    const input = policy.always as Record<string, unknown>
    const options = policy.options.parse(input)
    const key = toConfigKey(policy.name)
    return [{ policy, key, input, options, mode: 'enforce', origin: 'built-in', reason: null, path: null }]
  })
}

/** The key that a person would look for: all authorization policies stand under one. */
export function toFileKey({ key, policy }: Pick<Applied, 'key' | 'policy'>): string {
  return policy.kind === 'authorization' ? 'authorize' : key
}

export function toApplied(setting: Setting, origin: Applied['origin'], base: KeyPath): Applied {
  const { policy, key, input, options, mode, reason, path } = setting
  return { policy, key, input, options, mode: mode ?? 'enforce', origin, reason, path: [...base, ...path] }
}
