import { type AnyPolicy, toConfigKey } from '../core/policy.ts'
import type { Report } from './config-error.ts'
import type { ConfigSource } from './source/config-source.ts'

/**
 * Refuses schemas of libraries where no policy's options take them, and in a gateway, whose threads are handed data
 * and no functions.
 */
export function checkStandard(
  source: ConfigSource,
  policies: readonly AnyPolicy[],
  embedded: boolean,
  report: Report,
): void {
  const takers = new Set(policies.filter((one) => one.standardSchema).map(({ name }) => toConfigKey(name)))
  for (const path of source.standardSchemas ?? []) {
    if (!path.some((key) => takers.has(String(key)))) {
      const hint = `It may stand under ${[...takers].map((key) => `\`${key}\``).join(', ') || 'no policy here'}.`
      report.add(path, 'a schema of a library is not plain data, and cannot stand here', { hint })
    } else if (!embedded) {
      const message = 'a schema of a library cannot be handed to the threads of the gateway'
      const hint = 'Embed the policy file (`--embedded` for commands), or write JSON Schema, which TypeBox makes.'
      report.add(path, message, { hint })
    }
  }
}
