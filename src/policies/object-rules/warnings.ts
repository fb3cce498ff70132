import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import type { ObjectOptions } from './options.ts'

/** An id is somebody's only together with the issuer that gave it. */
export function createWarnings({ object }: ObjectOptions, { block }: CheckContext): readonly PolicyWarning[] {
  const issuers = Object.values(block<Readonly<Record<string, { issuer: string }>> | undefined>('issuers') ?? {})
  const several = new Set(issuers.map(({ issuer }) => issuer)).size > 1
  const byId = object.rules.some((rule) => (rule.equals ?? rule.in) === 'principal.id')
  if (!several || !byId || object.issuers !== undefined) return []
  const text =
    'principal.id is compared whoever gave it: two issuers may call different people by one id (see `issuers`)'
  return [{ text, reason: null }]
}
