import { definePolicy } from '../../core/policy.ts'
import { composeCors } from './compose.ts'
import { corsCodes, createCors } from './cors.ts'
import { corsOptions } from './options.ts'
import { createCorsProbes } from './probes.ts'
import { warnOfCors } from './warnings.ts'

export const cors = definePolicy({
  name: 'cors',
  summary: 'Says which pages may call the API and read its answers, and refuses the others',
  kind: 'protection',
  options: corsOptions,
  codes: corsCodes,
  compose: composeCors,
  grants: true,
  warnings: warnOfCors,
  create: createCors,
  probes: createCorsProbes,
})
