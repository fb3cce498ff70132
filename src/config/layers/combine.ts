import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { Finding } from '../issues/explain-issues.ts'
import { parseWith } from '../schema/delegate.ts'
import type { Setting } from '../schema/setting.ts'
import type { KeyPath } from '../source/key-path.ts'
import { type Applied, toApplied } from './applied.ts'

/** How one setting stands to what is inherited of the same policy. */
export interface Combined {
  readonly applied: Applied
  /** Inherited ones that the setting takes the place of. */
  readonly replaced: readonly Applied[]
  /** Those of them that were stricter. */
  readonly looserThan: readonly Applied[]
}

/**
 * Combines a setting with what is inherited of its policy. Where it takes the place of an inherited one, options that
 * it does not name keep their inherited values, so that naming one option never resets another.
 */
export function combine(
  setting: Setting,
  inherited: readonly Applied[],
  origin: Applied['origin'],
  base: KeyPath,
): Combined | { readonly findings: readonly Finding[] } {
  const alone = toApplied(setting, origin, base)
  const model = inherited.find((other) => compare(other, alone) !== 'both')
  if (model === undefined) return { applied: alone, replaced: [], looserThan: [] }

  const input = { ...model.input, ...setting.input }
  const parsed = parseWith(setting.policy.options, input)
  if (!parsed.ok) return { findings: parsed.findings }
  const { mode, reason } = setting.mode === null ? model : alone
  // What only repeats the inherited options is the inherited instance: a limit repeated on a route goes on counting
  // together with all other routes, instead of admitting its number once more.
  const kept = isSame(model.options, parsed.value) && mode === model.mode ? model.origin : alone.origin
  const applied: Applied = {
    ...alone,
    input,
    options: parsed.value,
    origin: kept,
    mode,
    reason: setting.reason ?? reason,
  }
  const relations = inherited.map((other) => [other, compare(other, applied)] as const)
  return {
    applied,
    replaced: relations.filter(([, relation]) => relation !== 'both').map(([other]) => other),
    looserThan: relations.filter(([, relation]) => relation === 'looser').map(([other]) => other),
  }
}

function compare(inherited: Applied, own: Applied): Composition {
  const relation = isSame(inherited.options, own.options)
    ? 'tighter'
    : own.policy.compose(inherited.options, own.options)
  // Two instances of one credential policy would find each other's credential and refuse both.
  if (own.policy.kind === 'credential') return relation === 'both' ? 'looser' : relation
  return relation === 'tighter' && own.mode === 'observe' && inherited.mode === 'enforce' ? 'looser' : relation
}
