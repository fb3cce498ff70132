import { definePolicy } from '../../core/policy.ts'
import { createAbac } from './abac.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { gatherPolicySets } from './gather.ts'
import { judgePolicySets } from './judge-policy-sets.ts'
import { options } from './options.ts'
import { policySetsBlock } from './policy-sets-block.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const abac = definePolicy({
  name: 'abac',
  summary: 'Lets only requests pass that Cedar policies permit',
  kind: 'authorization',
  options,
  blocks: { policySets: policySetsBlock },
  judges: { policySets: judgePolicySets },
  codes,
  check: checkOptions,
  warnings: createWarnings,
  gather: gatherPolicySets,
  compose,
  create: createAbac,
  demands: () => ({ roles: [], scopes: [], more: true }),
  probes: createProbes,
})
