import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createStructureLimits } from './structure-limits.ts'

export const structureLimits = definePolicy({
  name: 'structure-limits',
  summary:
    'Bounds the structure of queries and bodies, and refuses what programs read differently, before it is parsed',
  kind: 'protection',
  options,
  codes,
  compose,
  create: createStructureLimits,
  probes: createProbes,
})
