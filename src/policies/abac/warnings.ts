import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import { warnOfAddress } from './open-entities.ts'
import type { AbacOptions } from './options.ts'
import type { PolicySetsBlock } from './policy-sets-block.ts'

export function createWarnings({ policy }: AbacOptions, { block }: CheckContext): readonly PolicyWarning[] {
  const entities = block<PolicySetsBlock | undefined>('policySets')?.[policy.set]?.entities
  return typeof entities === 'object' ? warnOfAddress(entities) : []
}
