import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createGraphql } from './graphql.ts'
import { options } from './options.ts'
import { createProbes, createSample } from './probes.ts'

export const graphql = definePolicy({
  name: 'graphql',
  summary:
    'Bounds what one GraphQL request may ask for: depth, aliases, cost, batches; introspection and unknown operations',
  kind: 'protection',
  options,
  codes,
  compose,
  files: ({ allowList }) => (allowList === undefined ? [] : [allowList]),
  create: createGraphql,
  probes: createProbes,
  sample: createSample,
})
