import { type AnyPolicy, toConfigKey } from '../../core/policy.ts'
import type { Setting } from '../schema/setting.ts'
import type { Loosened } from '../schema/weakenings.ts'
import type { KeyPath } from '../source/key-path.ts'
import type { Layer } from './compose-layer.ts'

/** What `defaults` and routes have in common, once read. */
export interface LayerValue {
  readonly authenticate?: readonly string[] | undefined
  readonly authorize?: readonly Setting[] | undefined
  readonly loosen?: Loosened | undefined
  readonly exempt?: Layer['exempt'] | undefined
}

export function toLayer(
  value: LayerValue,
  policies: readonly AnyPolicy[],
  origin: Layer['origin'],
  base: KeyPath,
): Layer {
  const entries = value as Readonly<Record<string, readonly Setting[] | undefined>>
  const settings = policies
    .filter(({ kind }) => kind !== 'authorization')
    .flatMap((policy) => entries[toConfigKey(policy.name)] ?? [])
  return {
    origin,
    base,
    settings: [...settings, ...(value.authorize ?? [])],
    loosened: value.loosen?.settings ?? [],
    exempt: value.exempt ?? [],
  }
}
