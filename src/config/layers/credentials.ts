import type { AnyPolicy } from '../../core/policy.ts'
import { toConfigKey } from '../../core/policy.ts'
import type { Report } from '../config-error.ts'
import { parseWith } from '../schema/delegate.ts'
import type { KeyPath } from '../source/key-path.ts'
import type { Applied } from './applied.ts'

/** Which credentials are accepted, and where the file says so. */
export interface Accepted {
  readonly names: readonly string[]
  readonly path: KeyPath
}

/** The accepted credentials with their options: those of the layer, or the policy's defaults. */
export function selectCredentials(
  policies: readonly AnyPolicy[],
  composed: readonly Applied[],
  accepted: Accepted,
  broken: ReadonlySet<string>,
  report: Report,
): Applied[] {
  return accepted.names.flatMap((name, i): Applied[] => {
    const set = composed.find(({ key }) => key === name)
    if (set !== undefined) return [set]
    const policy = policies.find((one) => toConfigKey(one.name) === name)
    if (policy === undefined || broken.has(name)) return []
    const path = [...accepted.path, i]
    const parsed = parseWith(policy.options, {})
    if (parsed.ok) {
      const applied = { policy, key: name, input: {}, options: parsed.value, mode: 'enforce', reason: null } as const
      return [{ ...applied, origin: path[0] === 'defaults' ? 'defaults' : 'route', path }]
    }
    const needs = parsed.findings.map((finding) => `${finding.path.join('.')} ${finding.message}`).join('; ')
    report.add(path, `"${name}" needs options: ${needs}`, { hint: `Write them under \`${name}: { … }\`.` })
    return []
  })
}
