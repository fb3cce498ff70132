import type { ProblemCodes } from '../../core/problems.ts'

/** All are one to the caller; the log tells them apart. */
export const codes = {
  mtls_untrusted: {
    public: 'unauthenticated',
    meaning: 'The client’s certificate is not trusted; the detail says why (authority, time, purpose, revocation).',
  },
  mtls_unknown: {
    public: 'unauthenticated',
    meaning: 'The certificate is trusted, but fits none of `identities`.',
  },
  mtls_ambiguous: {
    public: 'unauthenticated',
    meaning: 'The certificate fits more than one caller of `identities`.',
  },
  mtls_field_invalid: {
    public: 'unauthenticated',
    meaning: 'What a proxy handed over as the client’s certificate is repeated or cannot be read; see `proxyField`.',
  },
} as const satisfies ProblemCodes
