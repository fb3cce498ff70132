import { definePolicy } from '../../core/policy.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createHttpSignature } from './http-signature.ts'
import { mint } from './mint.ts'
import { httpSignatureOptions } from './options.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const httpSignature = definePolicy({
  name: 'http-signature',
  summary: 'Identifies callers that sign their requests (HTTP Message Signatures), and webhooks',
  kind: 'credential',
  options: httpSignatureOptions,
  codes,
  warnings: createWarnings,
  compose,
  files: ({ keys }) => keys.flatMap(({ secret, publicKey }) => secret ?? publicKey ?? []),
  create: createHttpSignature,
  mint,
  probes: createProbes,
})
