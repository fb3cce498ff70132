import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createInjection } from './injection.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { warnOfInjection } from './warnings.ts'

export const injection = definePolicy({
  name: 'injection',
  summary: 'Refuses values that look like programs: SQL, scripts, commands, paths, templates and their like',
  kind: 'protection',
  options,
  codes,
  compose,
  warnings: warnOfInjection,
  create: createInjection,
  probes: createProbes,
})
