import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  login_ended: {
    public: 'unauthenticated',
    meaning: 'The session has no tokens (any more): its grant was revoked, or the issuer refuses to refresh it.',
  },
  login_revoked: { public: 'unauthenticated', meaning: 'The access token of the session was revoked.' },
  login_elsewhere: {
    public: 'unauthenticated',
    meaning: 'The session was not begun by this policy: `establish-session` began it, or `issuer` was changed.',
  },
  login_state: {
    public: 'forbidden',
    meaning:
      'Somebody came back from the issuer who did not begin the login in this browser, or too long ago. Where all do: ' +
      'is `origin` the address in the browser, and does it keep cookies?',
  },
  login_state_used: { public: 'forbidden', meaning: 'The answer of the issuer came a second time.' },
  login_refused: {
    public: 'forbidden',
    meaning: 'The issuer refused the login, or its answer is not good; see the detail.',
  },
  logout_token_invalid: {
    public: 'malformed_request',
    meaning: 'What ends a login from the issuer’s side is no logout token of it, or has no `sid`.',
  },
  logout_cross_site: {
    public: 'forbidden',
    meaning: 'A page of another origin, or a program that does not say where it comes from, tried to log somebody out.',
  },
} as const satisfies ProblemCodes
