import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createStepUp } from './step-up.ts'

export const stepUp = definePolicy({
  name: 'step-up',
  summary: 'Lets only callers pass who logged in strongly enough and not too long ago',
  kind: 'protection',
  options,
  codes,
  compose,
  check: (_options, { route }) =>
    route.authenticated ? [] : ['the route is public: nobody logs in to it, so that nobody would ever pass'],
  demands: ({ acr }) => ({ roles: [], scopes: [], assurance: acr?.[0] ?? null }),
  create: createStepUp,
  probes: createProbes,
})
