import type { PolicyWarning } from '../../core/policy.ts'
import type { CsrfOptions } from './options.ts'

export function createWarnings({ sameSite, tokenCookie }: CsrfOptions): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = []
  if (sameSite) {
    warnings.push({
      text: 'csrf: every host of the same site may act for users, also one that is taken over',
      reason: null,
    })
  }
  if (tokenCookie !== undefined && !tokenCookie.startsWith('__Host-')) {
    const text = `csrf: every host of the domain can replace the cookie \`${tokenCookie}\`: give it the prefix \`__Host-\``
    warnings.push({ text, reason: null })
  }
  return warnings
}
