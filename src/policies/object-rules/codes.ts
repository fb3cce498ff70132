import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  object_foreign: {
    public: 'forbidden',
    meaning: 'The request names an object of somebody else: the value is not what the rule lets the caller have.',
  },
  object_missing: { public: 'forbidden', meaning: 'The request does not name the object that a rule asks for.' },
  object_ambiguous: {
    public: 'malformed_request',
    meaning:
      'Which object the request names can be read in several ways: a repeated parameter, a body that is not strict JSON, a value that is neither text nor a whole number.',
  },
  object_hidden: {
    public: 'not_found',
    meaning: 'The upstream answered with an object of somebody else; the caller is told that there is none.',
  },
  object_unproven: {
    public: 'not_found',
    meaning:
      'The answer does not show whose object it is: it is no JSON, lacks the field, is compressed or partial. Look at what the upstream answers.',
  },
  object_head: {
    public: 'method_not_allowed',
    meaning: 'HEAD has no body in which the owner could be seen; rules on answers need GET.',
  },
} as const satisfies ProblemCodes
