import type { Report } from '../config-error.ts'
import type { Setting } from '../schema/setting.ts'
import type { KeyPath } from '../source/key-path.ts'
import { type Applied, toFileKey } from './applied.ts'
import { type Combined, combine } from './combine.ts'
import { describeChange } from './describe-change.ts'

/** One place that inherits: `defaults` from what is built in, a route from `defaults`. */
export interface Layer {
  readonly origin: 'defaults' | 'route'
  /** Where it stands in the file. */
  readonly base: KeyPath
  readonly settings: readonly Setting[]
  readonly loosened: readonly Setting[]
  readonly exempt: readonly { readonly policy: string; readonly reason: string }[]
}

/** A weakening that the file asks for, for `check` and `diff`. */
export interface Weakening {
  readonly kind: 'loosened' | 'exempted'
  readonly text: string
  readonly reason: string | null
  readonly path: KeyPath
}

export interface Composed {
  readonly applied: readonly Applied[]
  readonly weakenings: readonly Weakening[]
}

/**
 * Composes a layer with what it inherits: tighter options take the place of inherited ones, others stand beside them,
 * looser ones are errors unless they stand under `loosen`.
 * @param broken keys whose inherited options could not be read, about which nothing can be said
 */
export function composeLayer(
  inherited: readonly Applied[],
  layer: Layer,
  broken: ReadonlySet<string>,
  report: Report,
): Composed {
  const own: Applied[] = []
  const gone = new Set<Applied>()
  const weakenings: Weakening[] = []

  for (const setting of layer.settings) {
    const combined = combineOrReport(setting, inherited, layer, report)
    if (combined === null) continue
    if (combined.looserThan.length > 0 && !broken.has(setting.key)) reportLooser(setting, combined, layer, report)
    own.push(combined.applied)
    for (const other of combined.replaced) gone.add(other)
  }

  for (const setting of layer.loosened) {
    const combined = combineOrReport(setting, inherited, layer, report)
    if (combined === null) continue
    const path = [...layer.base, ...setting.path]
    if (combined.looserThan.length === 0 && !broken.has(setting.key)) {
      const hint = `Write it without \`loosen\`, under \`${setting.path.slice(1).join('.')}\`.`
      report.add(path, 'there is nothing to loosen: what is inherited is not stricter', { part: 'key', hint })
    }
    const changes = combined.looserThan.map((other) => describeChange(other, combined.applied)).join('; ')
    weakenings.push({
      kind: 'loosened',
      text: `${toFileKey(setting)} is looser than inherited (${changes})`,
      reason: setting.reason,
      path,
    })
    own.push(combined.applied)
    for (const other of combined.replaced) gone.add(other)
  }

  for (const [i, { policy: key, reason }] of layer.exempt.entries()) {
    const path = [...layer.base, 'exempt', i]
    const dropped = inherited.filter((other) => toFileKey(other) === key)
    if (dropped.length === 0 && !broken.has(key)) {
      report.add([...path, 'policy'], `there is nothing to exempt from: ${key} is not inherited here`)
    }
    if ([...layer.settings, ...layer.loosened].some((setting) => toFileKey(setting) === key)) {
      report.add(path, `${key} is both exempted and configured`, { hint: 'Use `loosen` alone.' })
    }
    weakenings.push({ kind: 'exempted', text: `${key} does not apply`, reason, path })
    for (const other of dropped) gone.add(other)
  }

  return { applied: [...inherited.filter((other) => !gone.has(other)), ...own], weakenings }
}

function combineOrReport(
  setting: Setting,
  inherited: readonly Applied[],
  layer: Layer,
  report: Report,
): Combined | null {
  const same = inherited.filter(({ policy }) => policy === setting.policy)
  const origin = layer.loosened.includes(setting) ? 'loosen' : layer.origin
  const combined = combine(setting, same, origin, layer.base)
  if (!('findings' in combined)) return combined
  for (const { path, message, hint, part } of combined.findings) {
    const text = `together with what is inherited: ${message}`
    report.add([...layer.base, ...setting.path, ...path], text, { hint, part })
  }
  return null
}

function reportLooser(setting: Setting, { applied, looserThan }: Combined, layer: Layer, report: Report): void {
  const changes = looserThan.map((other) => describeChange(other, applied)).join('; ')
  const from = layer.origin === 'defaults' ? 'what is built in' : 'what is inherited'
  const options = Object.entries(setting.input).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  const words = setting.mode === 'observe' ? ['mode: observe'] : []
  const text = [...options, ...words, 'reason: …'].join(', ')
  report.add([...layer.base, ...setting.path], `is looser than ${from} (${changes})`, {
    part: 'key',
    hint: `If it must be: \`loosen: { ${toFileKey(setting)}: { ${text} } }\`.`,
  })
}
