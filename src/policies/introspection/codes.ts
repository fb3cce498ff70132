import type { ProblemCodes } from '../../core/problems.ts'

/** All are one to the caller; the log tells them apart. */
export const codes = {
  introspection_repeated: {
    public: 'unauthenticated',
    meaning: 'The request has more than one `Authorization` field.',
  },
  introspection_malformed: {
    public: 'unauthenticated',
    meaning: 'The token holds characters that no token holds, or is longer than 8192 characters; nobody was asked.',
  },
  introspection_inactive: {
    public: 'unauthenticated',
    meaning: 'The issuer says that the token is not active: expired, revoked, or never issued.',
  },
  introspection_issuer: {
    public: 'unauthenticated',
    meaning: 'The answer is about a token of another issuer (`iss`).',
  },
  introspection_audience: {
    public: 'unauthenticated',
    meaning: 'The answer does not say that the token is for an `audience` of the policy.',
  },
  introspection_time: {
    public: 'unauthenticated',
    meaning:
      'The token is past its `exp` or ahead of its `nbf`, though the issuer calls it active; compare the clocks.',
  },
  introspection_type: {
    public: 'unauthenticated',
    meaning: 'The token is no access token (`token_type`, `token_use`), a refresh token for example.',
  },
  introspection_claims: {
    public: 'unauthenticated',
    meaning: 'What is needed of the answer is missing or unusable: times, the subject, roles, scopes or the tenant.',
  },
  introspection_bound: {
    public: 'unauthenticated',
    meaning: 'The token is bound to a key (`cnf`) in a way that is not understood here.',
  },
  introspection_unbound: {
    public: 'unauthenticated',
    meaning: 'The token is bound to no key: its type or scheme is `DPoP`, or `bound` or `boundClients` asks for one.',
  },
  introspection_revoked: {
    public: 'unauthenticated',
    meaning: 'The token, its session or its subject was revoked here; see `portcullis tokens revoked list`.',
  },
} as const satisfies ProblemCodes

export type IntrospectionFailure = keyof typeof codes
