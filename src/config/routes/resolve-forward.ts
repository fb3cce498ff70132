import { didYouMean } from '../../core/suggest.ts'
import type { CompileContext } from '../compile-context.ts'
import type { ForwardSpec } from '../snapshot.ts'
import type { KeyPath } from '../source/key-path.ts'
import { beginsWith, type PathPattern } from './path-pattern.ts'
import type { RouteEntry } from './route-value.ts'

/** Where a route's requests go; null where the file does not say, which is reported. */
export function resolveForward(
  { value, broken, base }: RouteEntry,
  pattern: PathPattern,
  context: CompileContext,
): ForwardSpec | null {
  const { report, upstreamNames, embedded } = context
  const stripPrefix = readStripPrefix(value.stripPrefix, pattern, base, context)
  if (value.upstream === undefined) {
    for (const key of ['stripPrefix', 'preserveHost'] as const) {
      if (value[key]) report.add([...base, key], `${key} needs an upstream`, { part: 'key' })
    }
    if (embedded) return { kind: 'handler' }
    if (!broken.has('upstream')) {
      report.add(base, '`upstream` is missing: a gateway passes requests on', {
        hint: upstreamNames.length === 0 ? 'Declare one under `upstreams`.' : `Declared: ${upstreamNames.join(', ')}.`,
      })
    }
    return null
  }
  if (!upstreamNames.includes(value.upstream)) {
    const declared =
      upstreamNames.length === 0 ? 'None is declared under `upstreams`.' : `Declared: ${upstreamNames.join(', ')}.`
    report.add([...base, 'upstream'], `there is no upstream "${value.upstream}"`, {
      hint: didYouMean(value.upstream, upstreamNames) ?? declared,
    })
    return null
  }
  return { kind: 'upstream', upstream: value.upstream, stripPrefix, preserveHost: value.preserveHost }
}

function readStripPrefix(
  prefix: string | undefined,
  pattern: PathPattern,
  base: KeyPath,
  { report }: CompileContext,
): string | null {
  if (prefix === undefined) return null
  const path = [...base, 'stripPrefix']
  if (!/^\/./.test(prefix) || prefix.endsWith('/')) {
    report.add(path, 'must begin with "/" and not end with it', { hint: 'Such as `stripPrefix: /api`.' })
  } else if (!beginsWith(pattern, prefix)) {
    report.add(path, `"${pattern.text}" does not begin with the fixed segments of "${prefix}"`)
  }
  return prefix
}
