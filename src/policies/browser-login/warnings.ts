import type { PolicyWarning } from '../../core/policy.ts'
import type { BrowserLoginOptions } from './options.ts'

export function createWarnings({ allowPlainHttp, allowPrivateAddress }: BrowserLoginOptions): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = []
  if (allowPlainHttp !== undefined) {
    const text = 'browserLogin: tokens come over plain HTTP, where they can be read and exchanged on the way'
    warnings.push({ text, reason: allowPlainHttp.reason })
  }
  if (allowPrivateAddress !== undefined) {
    warnings.push({
      text: 'browserLogin: the issuer may be on a private address',
      reason: allowPrivateAddress.reason,
    })
  }
  return warnings
}
