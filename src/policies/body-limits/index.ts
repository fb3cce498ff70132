import { definePolicy } from '../../core/policy.ts'
import { bodyLimitsCodes, createBodyLimits } from './body-limits.ts'
import { composeBodyLimits } from './compose.ts'
import { bodyLimitsOptions } from './options.ts'
import { createBodyLimitsProbes } from './probes.ts'

export const bodyLimits = definePolicy({
  name: 'body-limits',
  summary: 'Bounds how large a request may be: URL, header, body, and what a compressed body unpacks to',
  kind: 'protection',
  options: bodyLimitsOptions,
  always: {},
  codes: bodyLimitsCodes,
  compose: composeBodyLimits,
  warnings: ({ unsafeAllowUnknownEncodings: allowed }) =>
    allowed === undefined
      ? []
      : [
          {
            text: 'body-limits: bodies with unknown codings pass, however much they unpack to',
            reason: allowed.reason,
          },
        ],
  create: createBodyLimits,
  probes: createBodyLimitsProbes,
})
