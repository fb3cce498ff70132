import type { AnyPolicy } from '../../core/policy.ts'
import { policies } from '../../policies/index.ts'

export function findPolicy(name: string): AnyPolicy {
  const policy = policies.find((known) => known.name === name)
  if (policy === undefined) throw new Error(`there is no policy "${name}"`)
  return policy
}
