import type { PolicyWarning } from '../../core/policy.ts'
import type { RateLimitOptions } from './options.ts'

export function warnOfLimit({ per, onFailure }: RateLimitOptions): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = []
  if (onFailure === 'allow') {
    warnings.push({ text: 'while the counters cannot be reached, nothing is limited', reason: null })
  }
  if (per.every((part) => typeof part === 'object' || part === 'route') && per.some((part) => part !== 'route')) {
    const text = 'callers who change the field escape this limit: have one per `ip` or `principal` beside it'
    warnings.push({ text, reason: null })
  }
  return warnings
}
