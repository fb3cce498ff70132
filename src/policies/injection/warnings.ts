import type { PolicyWarning } from '../../core/policy.ts'
import type { InjectionOptions } from './options.ts'

/** Where nothing is looked for. */
export function warnOfInjection({ exclude, otherTypes }: InjectionOptions): PolicyWarning[] {
  const warnings: PolicyWarning[] = exclude.map(({ in: part, at, classes, reason }) => ({
    text: `injection: ${part} ${at === '' ? '(all of it)' : at} may hold ${classes?.join(', ') ?? 'anything'}`,
    reason,
  }))
  if (otherTypes === 'pass') {
    warnings.push({
      text: 'injection: bodies of binary types pass unread, whatever the upstream takes them for',
      reason: null,
    })
  }
  return warnings
}
