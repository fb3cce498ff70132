import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import { readSettings } from '../sessions-block.ts'
import type { SessionOptions } from './options.ts'

export function createWarnings(_options: SessionOptions, { block }: CheckContext): readonly PolicyWarning[] {
  const { cookie, unsafePlainHttp } = readSettings(block)
  const warnings: PolicyWarning[] = []
  if (unsafePlainHttp !== undefined) {
    const text = 'session cookies are believed over plain HTTP: who is on the way can take them'
    warnings.push({ text, reason: unsafePlainHttp.reason })
  }
  if (!cookie.startsWith('__Host-')) {
    const text = `every host of the domain can set the session cookie \`${cookie}\`: keep the prefix \`__Host-\``
    warnings.push({ text, reason: null })
  }
  return warnings
}
