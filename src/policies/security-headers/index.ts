import { z } from 'zod'
import { definePolicy } from '../../core/policy.ts'
import { composeSecurityHeaders } from './compose.ts'
import { reportCodes, reportEndpointName } from './csp-report-endpoint.ts'
import { securityHeadersOptions } from './options.ts'
import { createSecurityHeadersProbes } from './probes.ts'
import { createSecurityHeaders } from './security-headers.ts'
import { warnOfSecurityHeaders } from './warnings.ts'

export const securityHeaders = definePolicy({
  name: 'security-headers',
  summary: 'Tells browsers to keep what they get: transport, content, framing, caching; hides what is behind',
  kind: 'protection',
  options: securityHeadersOptions,
  shorthand: z.enum(['strict', 'html', 'legacy']).transform((profile) => ({ profile })),
  always: {},
  codes: reportCodes,
  compose: composeSecurityHeaders,
  warnings: warnOfSecurityHeaders,
  create: createSecurityHeaders,
  endpoints: ({ reportPath }) =>
    reportPath === undefined
      ? []
      : [
          {
            id: reportEndpointName,
            path: reportPath,
            methods: ['POST'],
            reason: 'browsers report violations without a credential',
          },
        ],
  probes: createSecurityHeadersProbes,
})
