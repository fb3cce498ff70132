import type { ProblemCodes } from '../../core/problems.ts'

/** All failures are one to the caller, who learns nothing of which accounts exist; the log tells them apart. */
export const codes = {
  basic_over_http: {
    public: 'https_required',
    meaning:
      'A password came over plain HTTP and was not looked at. It counts as exposed: have its owner change it, and see where the client gets its address from.',
  },
  basic_repeated: { public: 'unauthenticated', meaning: 'The request has more than one `Authorization` field.' },
  basic_malformed: {
    public: 'unauthenticated',
    meaning: 'What came is not `user:password` in Base64 and UTF-8, is empty, too long, or holds control characters.',
  },
  basic_unknown: { public: 'unauthenticated', meaning: 'There is no account of this name in the tenant of the route.' },
  basic_password: { public: 'unauthenticated', meaning: 'The password is wrong.' },
  basic_disabled: {
    public: 'unauthenticated',
    meaning: 'The account is switched off until `portcullis users enable`.',
  },
  basic_no_password: {
    public: 'unauthenticated',
    meaning: 'The account has no password; `portcullis users password` gives it one.',
  },
  basic_second_factor: {
    public: 'unauthenticated',
    meaning:
      'The account has a second factor, which Basic cannot ask for: its password alone opens nothing here, whether it is right or not. Give programs an API key or an account of their own; `portcullis users reset-factors` takes the factors away.',
  },
  basic_locked: {
    public: 'rate_limited',
    meaning:
      'Too many attempts failed: for this account from clients that are new to it, from this client, or in all. The detail says which; `portcullis users unlock` ends the lock of an account.',
  },
} as const satisfies ProblemCodes

export type BasicFailure = Exclude<keyof typeof codes, 'basic_locked' | 'basic_over_http'>
