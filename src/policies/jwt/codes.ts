import type { ProblemCodes } from '../../core/problems.ts'

/** All are one to the caller; the log tells them apart. */
export const codes = {
  token_repeated: { public: 'unauthenticated', meaning: 'The request has more than one `Authorization` field.' },
  token_too_large: { public: 'unauthenticated', meaning: 'The token is longer than 8192 characters.' },
  token_malformed: {
    public: 'unauthenticated',
    meaning: 'The token is not three parts of canonical base64url, or its JSON is broken or repeats a member.',
  },
  token_header: {
    public: 'unauthenticated',
    meaning:
      'The token header has no `alg`, a `kid` or `typ` that is no text, or demands an extension (`crit`, `b64`).',
  },
  token_issuer: {
    public: 'unauthenticated',
    meaning: 'The claim `iss` is none of the issuers of this route; compare it character by character.',
  },
  token_algorithm: { public: 'unauthenticated', meaning: 'The issuer does not allow the algorithm of the token.' },
  token_type: {
    public: 'unauthenticated',
    meaning: 'The header `typ` is not among the `types` of the issuer; add `absent` for tokens that have none.',
  },
  token_audience: { public: 'unauthenticated', meaning: 'The claim `aud` holds no `audience` of the issuer.' },
  token_expired: { public: 'unauthenticated', meaning: 'The token is past its `exp`.' },
  token_not_yet_valid: {
    public: 'unauthenticated',
    meaning: 'The token is ahead of its `nbf` or `iat`; where this is frequent, compare the clocks.',
  },
  token_too_old: { public: 'unauthenticated', meaning: 'The token was issued longer ago than `maxTokenAge`.' },
  token_revoked: {
    public: 'unauthenticated',
    meaning: 'The token, its session or its subject was revoked; see `portcullis tokens revoked list`.',
  },
  token_bound: {
    public: 'unauthenticated',
    meaning: 'The token is bound to a key (`cnf`) in a way that is not understood here.',
  },
  token_unbound: {
    public: 'unauthenticated',
    meaning: 'The token is bound to no key: it came with the scheme `DPoP`, or `bound` or `boundClients` asks for one.',
  },
  token_claims: {
    public: 'unauthenticated',
    meaning: 'A claim that is needed is missing or unusable: `exp`, `sub`, roles, scopes or the tenant.',
  },
  token_key_unknown: {
    public: 'unauthenticated',
    meaning: 'The issuer publishes no key with the `kid` of the token that fits its algorithm.',
  },
  token_signature: {
    public: 'unauthenticated',
    meaning: 'The signature does not match: the token is forged or damaged.',
  },
} as const satisfies ProblemCodes
