import { definePolicy } from '../../core/policy.ts'
import { compose } from './compose.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createUpstreamIdentity, jwksEndpointId } from './upstream-identity.ts'

export const upstreamIdentity = definePolicy({
  name: 'upstream-identity',
  summary: 'Tells the upstream who is calling, by a short-lived token that Portcullis signs',
  kind: 'protection',
  options,
  always: {},
  codes: {
    identity_too_large: {
      public: 'internal_error',
      meaning: 'What is known of the caller makes a token of more than 8192 characters: select fewer attributes.',
    },
  },
  compose,
  create: createUpstreamIdentity,
  endpoints: ({ jwksPath }) => [
    {
      id: jwksEndpointId,
      path: jwksPath,
      methods: ['GET'],
      reason: 'upstreams verify identity tokens with these public keys',
    },
  ],
  probes: createProbes,
})
