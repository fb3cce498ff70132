import type { ProblemCodes } from '../../core/problems.ts'

/** All failures are one to the caller, who learns nothing of which keys exist; the log tells them apart. */
export const codes = {
  api_key_repeated: {
    public: 'unauthenticated',
    meaning: 'More than one key came with the request, or one in two places.',
  },
  api_key_malformed: {
    public: 'unauthenticated',
    meaning: 'What came as a key is not one: cut off, mistyped, or meant for another service.',
  },
  api_key_unknown: {
    public: 'unauthenticated',
    meaning: 'No such key is stored, or its secret was replaced by a rotation whose overlap has ended.',
  },
  api_key_expired: { public: 'unauthenticated', meaning: 'The key came to its end; see `portcullis keys show`.' },
  api_key_revoked: { public: 'unauthenticated', meaning: 'The key was revoked; whoever sends it still has it.' },
  api_key_disabled: {
    public: 'unauthenticated',
    meaning: 'The key is switched off until `portcullis keys enable`.',
  },
  api_key_used_up: {
    public: 'unauthenticated',
    meaning: 'The key has made all the requests that it was made for; `keys update --uses` gives it more.',
  },
  api_key_environment: {
    public: 'unauthenticated',
    meaning: 'The key belongs to an environment that the route does not take, such as `test`, or to none.',
  },
  api_key_address: {
    public: 'unauthenticated',
    meaning: 'The key is good but came from outside its networks: it may be stolen, or `trustProxies` is incomplete.',
  },
  api_key_rate_exceeded: {
    public: 'rate_limited',
    meaning: 'The key is used faster than its own limit allows; see `keys show`.',
  },
  api_key_quota_exceeded: {
    public: 'rate_limited',
    meaning: 'The key has used up its quota, which comes back little by little; see `keys show`.',
  },
} as const satisfies ProblemCodes

export type ApiKeyFailure = keyof typeof codes
