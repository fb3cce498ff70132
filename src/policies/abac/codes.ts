import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  policy_denied: {
    public: 'forbidden',
    meaning: 'No Cedar policy permits the request, or one forbids it; the detail in the log names it.',
  },
  policy_error: {
    public: 'forbidden',
    meaning: 'A Cedar policy could not be evaluated (an attribute is missing, say): ask with `has`, or add a schema.',
  },
  policy_input: {
    public: 'malformed_request',
    meaning:
      'Something that Cedar policies are to see can be read in several ways, or not at all: a repeated parameter, a body that is not strict JSON, a number that is no whole one.',
  },
} as const satisfies ProblemCodes
