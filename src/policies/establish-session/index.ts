import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createEstablishSession } from './establish-session.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const establishSession = definePolicy({
  name: 'establish-session',
  summary: 'Begins, renews and ends sessions as the upstream says in its answers',
  kind: 'protection',
  options,
  codes,
  weakens: true,
  compose,
  warnings: createWarnings,
  create: createEstablishSession,
  probes: createProbes,
})
