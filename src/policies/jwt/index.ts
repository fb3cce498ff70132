import { definePolicy } from '../../core/policy.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { issuersBlock } from './issuer-options.ts'
import { judgeIssuers } from './judge-issuers.ts'
import { createJwt } from './jwt.ts'
import { mint } from './mint.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const jwt = definePolicy({
  name: 'jwt',
  summary: 'Identifies callers by signed tokens (JWT) of the issuers that are trusted',
  kind: 'credential',
  options,
  blocks: { issuers: issuersBlock },
  judges: { issuers: judgeIssuers },
  codes,
  check: checkOptions,
  warnings: createWarnings,
  compose,
  create: createJwt,
  mint,
  probes: createProbes,
})
