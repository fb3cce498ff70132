import type { ProblemCodes } from '../../core/problems.ts'

/** To the caller both are one; the field `WWW-Authenticate` says what to ask the issuer for (RFC 9470). */
export const codes = {
  step_up_acr: {
    public: 'unauthenticated',
    meaning:
      'The caller logged in less strongly than the route asks for: the client sends them to log in with `acr_values`.',
  },
  step_up_age: {
    public: 'unauthenticated',
    meaning: 'The caller logged in too long ago, or the credential does not say when: the client uses `max_age`.',
  },
} as const satisfies ProblemCodes
