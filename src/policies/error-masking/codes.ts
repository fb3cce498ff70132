import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  error_leak: {
    public: 'internal_error',
    meaning:
      'Only with `mode: observe`: a 4xx body of the upstream holds a stack trace, a database error, a file path or a debug page, and would have been replaced.',
  },
} as const satisfies ProblemCodes
