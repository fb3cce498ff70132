import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createErrorMasking } from './error-masking.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'

export const errorMasking = definePolicy({
  name: 'error-masking',
  summary: 'Replaces error pages that tell of the program behind them',
  kind: 'protection',
  options,
  always: {},
  codes,
  compose,
  create: createErrorMasking,
  probes: createProbes,
})
