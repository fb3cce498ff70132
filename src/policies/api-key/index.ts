import { definePolicy } from '../../core/policy.ts'
import { createApiKeyPolicy } from './api-key.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { mint } from './mint.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const apiKey = definePolicy({
  name: 'api-key',
  summary: 'Identifies callers by API keys that Portcullis issued',
  kind: 'credential',
  options,
  codes,
  warnings: createWarnings,
  compose,
  create: createApiKeyPolicy,
  mint,
  probes: createProbes,
})
