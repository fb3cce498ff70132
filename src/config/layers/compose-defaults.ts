import type { CompileContext } from '../compile-context.ts'
import { type Applied, createBuiltIns } from './applied.ts'
import { composeLayer } from './compose-layer.ts'
import { type LayerValue, toLayer } from './to-layer.ts'

/** What every route starts from: what is built in, and what `defaults` makes of it. */
export function composeDefaults(
  value: LayerValue,
  broken: ReadonlySet<string>,
  { policies, report, source, notices }: Pick<CompileContext, 'policies' | 'report' | 'source' | 'notices'>,
): readonly Applied[] {
  if (value.loosen?.authenticate) {
    report.add(['defaults', 'loosen', 'authenticate'], 'nothing is inherited here: write `authenticate`')
  }
  const layer = toLayer(value, policies, 'defaults', ['defaults'])
  const { applied, weakenings } = composeLayer(createBuiltIns(policies), layer, broken, report)
  for (const { kind, text, reason, path } of weakenings) {
    notices.push({ kind, text: `defaults: ${text}`, reason, position: source.positionOf(path, 'key') })
  }
  return applied
}
