import { definePolicy } from '../../core/policy.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createMtls } from './mtls.ts'
import { mtlsOptions } from './options.ts'
import { createProbes } from './probes.ts'

export const mtls = definePolicy({
  name: 'mtls',
  summary: 'Identifies callers by the certificate that they show during the TLS handshake',
  kind: 'credential',
  options: mtlsOptions,
  codes,
  check: checkOptions,
  compose,
  files: ({ authorities }) => (authorities === undefined ? [] : [authorities.ca, ...authorities.crl]),
  create: createMtls,
  probes: createProbes,
})
