import type { PolicyWarning } from '../../core/policy.ts'
import type { SecurityHeadersOptions } from './options.ts'

export function warnOfSecurityHeaders(options: SecurityHeadersOptions): PolicyWarning[] {
  const warnings: PolicyWarning[] = []
  const hsts = options.strictTransportSecurity
  if (typeof hsts === 'object' && hsts.preload) {
    warnings.push({
      text:
        'security-headers: `preload` lets browsers ship this domain as HTTPS only, every host below it included; ' +
        'taking that back takes months',
      reason: null,
    })
  }
  if (options.authenticatedCaching === 'upstream') {
    warnings.push({
      text: 'security-headers: shared caches may store answers to authenticated callers where the upstream allows it',
      reason: null,
    })
  }
  return warnings
}
