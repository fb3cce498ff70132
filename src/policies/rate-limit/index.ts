import { definePolicy } from '../../core/policy.ts'
import { composeLimits } from './compose-limits.ts'
import { rateLimitOptions, rateLimitShorthand } from './options.ts'
import { createRateLimitProbes } from './probes.ts'
import { createRateLimit, rateLimitCodes } from './rate-limit.ts'
import { warnOfLimit } from './warnings.ts'

export const rateLimit = definePolicy({
  name: 'rate-limit',
  summary: 'Admits so many requests per window for each address, caller, tenant, route or field',
  kind: 'protection',
  options: rateLimitOptions,
  shorthand: rateLimitShorthand,
  codes: rateLimitCodes,
  compose: composeLimits,
  warnings: warnOfLimit,
  create: createRateLimit,
  probes: createRateLimitProbes,
})
