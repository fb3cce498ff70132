import type { ProblemCodes } from '../../core/problems.ts'

/** All are one to the caller, but for the error code that RFC 9449 section 7.1 asks for; the log tells them apart. */
export const codes = {
  dpop_required: { public: 'unauthenticated', meaning: 'The route takes credentials that are bound to a key only.' },
  dpop_scheme: {
    public: 'unauthenticated',
    meaning: 'A token that is bound to a key came as a bearer token: it was stolen, or the client does not speak DPoP.',
  },
  dpop_missing: {
    public: 'unauthenticated',
    meaning: 'The scheme is `DPoP`, and the field `DPoP` with the proof is missing.',
  },
  dpop_repeated: { public: 'unauthenticated', meaning: 'The request has more than one `DPoP` field.' },
  dpop_malformed: {
    public: 'unauthenticated',
    meaning:
      'The proof is no JWT of the type `dpop+jwt` with an allowed `alg`, a public `jwk`, `jti`, `htm`, `htu`, `iat` and `ath`.',
  },
  dpop_key: {
    public: 'unauthenticated',
    meaning: 'The proof is of another key than the one that the token is bound to.',
  },
  dpop_target: {
    public: 'unauthenticated',
    meaning:
      'The proof is for another method or URL; behind a proxy that changes scheme or host, see `trustProxies` and `origins`.',
  },
  dpop_time: {
    public: 'unauthenticated',
    meaning: 'The proof is older than `maxAge` or from the future; where this is frequent, compare the clocks.',
  },
  dpop_token: { public: 'unauthenticated', meaning: 'The proof is for another token (`ath`).' },
  dpop_signature: {
    public: 'unauthenticated',
    meaning: 'The signature of the proof does not match: it is forged or damaged.',
  },
  dpop_replayed: {
    public: 'unauthenticated',
    meaning:
      'The proof was used before: somebody sent it again, or the table of counters is full (see `counters.memory.maxKeys`).',
  },
  dpop_nonce: {
    public: 'unauthenticated',
    meaning: 'The proof holds no nonce of ours, or an old one. Clients take the new one from the answer and try again.',
  },
} as const satisfies ProblemCodes

export type DpopFailure = keyof typeof codes
