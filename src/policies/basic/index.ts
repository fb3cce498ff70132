import { definePolicy } from '../../core/policy.ts'
import { createBasic } from './basic.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { mint } from './mint.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'

export const basic = definePolicy({
  name: 'basic',
  summary: 'Identifies callers by a user name and a password, and bounds guessing',
  kind: 'credential',
  options,
  codes,
  compose,
  create: createBasic,
  mint,
  probes: createProbes,
})
