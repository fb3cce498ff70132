import { definePolicy } from '../../core/policy.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createMask } from './mask.ts'
import { options } from './options.ts'
import { createProbes, toDemands } from './probes.ts'

export const mask = definePolicy({
  name: 'mask',
  summary: 'Hides card numbers, addresses, ids, secrets and chosen fields in answers',
  kind: 'protection',
  options,
  codes,
  check: checkOptions,
  compose,
  create: createMask,
  demands: toDemands,
  probes: createProbes,
})
