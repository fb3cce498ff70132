import { definePolicy } from '../../core/policy.ts'
import { createBrowserLogin } from './browser-login.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { listEndpoints } from './endpoints.ts'
import { mint } from './mint.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createWalks } from './walks.ts'
import { createWarnings } from './warnings.ts'

export const browserLogin = definePolicy({
  name: 'browser-login',
  summary: 'Logs people of browser applications in, and keeps their tokens behind a session cookie',
  kind: 'credential',
  options,
  codes,
  check: checkOptions,
  warnings: createWarnings,
  compose,
  create: createBrowserLogin,
  endpoints: listEndpoints,
  mint,
  probes: createProbes,
  walks: createWalks,
})
