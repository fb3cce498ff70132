import type { AnyPolicy } from '../core/policy.ts'
import type { Report } from './config-error.ts'

/** Has every policy judge its blocks beside each other, whether a route uses it or not. */
export function checkBlocks(policies: readonly AnyPolicy[], block: <T>(key: string) => T, report: Report): void {
  for (const { checkBlocks: check } of policies) {
    for (const { path, message, hint } of check?.(block) ?? []) report.add(path, message, { hint, part: 'value' })
  }
}
