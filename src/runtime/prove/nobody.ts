import type { ProbeSet } from '../../scanner/prober.ts'

/** What a set of probes says of its callers that has none. */
export const nobody = {
  credential: null,
  stranger: null,
  byCertificate: false,
  authenticated: false,
  shapedBy: null,
  contentCodes: new Set<string>(),
  renew: null,
} satisfies Partial<ProbeSet>
