import { definePolicy } from '../../core/policy.ts'
import { toDemands } from './clauses.ts'
import { compose } from './compose.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createRbac } from './rbac.ts'

export const rbac = definePolicy({
  name: 'rbac',
  summary: 'Lets only callers with certain roles and scopes pass',
  kind: 'authorization',
  options,
  codes: {
    role_missing: { public: 'forbidden', meaning: 'The caller holds none of the roles that the route asks for.' },
    scope_missing: { public: 'forbidden', meaning: 'The credential was not given the scopes that the route asks for.' },
  },
  compose,
  create: createRbac,
  demands: toDemands,
  probes: createProbes,
})
