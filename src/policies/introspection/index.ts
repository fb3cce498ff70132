import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createIntrospection } from './introspection.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const introspection = definePolicy({
  name: 'introspection',
  summary: 'Identifies callers by opaque tokens, which their issuer is asked about',
  kind: 'credential',
  options,
  codes,
  warnings: createWarnings,
  compose,
  create: createIntrospection,
  probes: createProbes,
})
