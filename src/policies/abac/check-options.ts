import type { CheckContext } from '../../core/policy.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { AbacOptions } from './options.ts'
import type { PolicySetsBlock } from './policy-sets-block.ts'

/** Finds sets that no block declares, and parameters that the path does not have. */
export function checkOptions({ policy }: AbacOptions, { block, route }: CheckContext): readonly string[] {
  const names = Object.keys(block<PolicySetsBlock | undefined>('policySets') ?? {})
  const hint = didYouMean(policy.set, names)
  const { param } = policy.resource
  return [
    ...(names.includes(policy.set)
      ? []
      : [`there is no policy set "${policy.set}" under \`policySets\`${hint === null ? '' : `. ${hint}`}`]),
    ...(param === undefined || route.path.includes(`{${param}}`) || route.path.includes(`{${param}*}`)
      ? []
      : [`the path ${route.path} has no parameter "${param}"`]),
  ]
}
