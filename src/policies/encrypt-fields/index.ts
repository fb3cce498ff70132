import { definePolicy } from '../../core/policy.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createEncryptFields } from './encrypt-fields.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'

export const encryptFields = definePolicy({
  name: 'encrypt-fields',
  summary: 'Encrypts JSON fields before the upstream gets them, and shows them only to those who may see them',
  kind: 'protection',
  options,
  codes,
  check: checkOptions,
  compose,
  create: createEncryptFields,
  probes: createProbes,
})
