import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  csrf_foreign_origin: {
    public: 'forbidden',
    meaning: 'A page of another origin had the browser send the cookies of its user; the detail says which page.',
  },
  csrf_origin_missing: {
    public: 'forbidden',
    meaning:
      'A cookie came with neither Fetch Metadata, `Origin` nor `Referer`: no browser of today. Programs use keys or tokens.',
  },
  csrf_token_missing: { public: 'forbidden', meaning: 'The route asks for an anti-CSRF token and none came.' },
  csrf_token_wrong: {
    public: 'forbidden',
    meaning: 'The anti-CSRF token is too old, of another session, or not one of ours.',
  },
} as const satisfies ProblemCodes
