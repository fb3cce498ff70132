import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createDpop } from './dpop.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'

export const dpop = definePolicy({
  name: 'dpop',
  summary: 'Demands of callers whose token is bound to a key that they prove to hold it (DPoP)',
  kind: 'protection',
  options,
  codes,
  compose,
  create: createDpop,
  probes: createProbes,
})
