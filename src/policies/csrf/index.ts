import { definePolicy } from '../../core/policy.ts'
import { accompany } from './accompany.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createCsrf } from './csrf.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { tokenEndpointId, tokenPath } from './token-endpoint.ts'
import { createWarnings } from './warnings.ts'

export const csrf = definePolicy({
  name: 'csrf',
  summary: 'Refuses what pages of other origins have a browser send with the cookies of its user',
  kind: 'protection',
  options,
  always: {},
  codes,
  warnings: createWarnings,
  compose,
  create: createCsrf,
  endpoints: ({ token }) =>
    token === 'off'
      ? []
      : [
          {
            id: tokenEndpointId,
            path: tokenPath,
            methods: ['GET'],
            reason: 'hands out anti-CSRF tokens to our own pages',
          },
        ],
  accompany,
  probes: createProbes,
})
