import type { ProblemCodes } from '../../core/problems.ts'

/** All failures of the cookie are one to the caller; the log tells them apart. */
export const codes = {
  session_repeated: {
    public: 'unauthenticated',
    meaning: 'Several session cookies came: another host of the domain may have set one of them. Keep `__Host-`.',
  },
  session_malformed: { public: 'unauthenticated', meaning: 'What the cookie holds was never made here.' },
  session_unknown: {
    public: 'unauthenticated',
    meaning: 'No such session is stored: it ended long ago, or was renewed and an old cookie came.',
  },
  session_revoked: {
    public: 'unauthenticated',
    meaning: 'The session was ended: by a logout, or `portcullis sessions`.',
  },
  session_expired: { public: 'unauthenticated', meaning: 'The session came to its end (`sessions.absolute`).' },
  session_idle: { public: 'unauthenticated', meaning: 'The session was not used for too long (`sessions.idle`).' },
  session_elsewhere: {
    public: 'unauthenticated',
    meaning: '`browser-login` began the session, which ends with its tokens: such routes name `browserLogin`.',
  },
  session_in_clear: {
    public: 'unauthenticated',
    meaning:
      'A session cookie came over plain HTTP. Behind a balancer that ends TLS, name it in `trustProxies`; else the cookie counts as exposed.',
  },
  session_cross_site: {
    public: 'forbidden',
    meaning: 'A page of another origin, or a program that does not say where it comes from, tried to log somebody out.',
  },
} as const satisfies ProblemCodes
