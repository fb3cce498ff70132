import { definePolicy } from '../../core/policy.ts'
import { judgeAntivirus } from './antivirus/judge-antivirus.ts'
import { antivirusBlock } from './antivirus/options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { options } from './options.ts'
import { createProbes, createSample } from './probes.ts'
import { createUploads } from './uploads.ts'
import { listWarnings } from './warnings.ts'

export const uploads = definePolicy({
  name: 'uploads',
  summary: 'Lets only files pass that are what they claim: types by content, sizes, pictures, archives, names, malware',
  kind: 'protection',
  options,
  blocks: { antivirus: antivirusBlock },
  judges: { antivirus: judgeAntivirus },
  codes,
  compose,
  warnings: listWarnings,
  create: createUploads,
  probes: createProbes,
  sample: createSample,
})
