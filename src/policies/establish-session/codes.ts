import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  session_field_invalid: {
    public: 'bad_gateway',
    meaning: 'The upstream sent a `Portcullis-Session` that cannot be read or fits no session; the detail says what.',
  },
  login_cross_site: {
    public: 'forbidden',
    meaning:
      'A page of another origin sent somebody to a route that begins sessions (login CSRF); see `trustedOrigins`.',
  },
  session_ended: {
    public: 'unauthenticated',
    meaning: 'The session that the upstream wanted to renew had ended meanwhile: the person logs in again.',
  },
} as const satisfies ProblemCodes
