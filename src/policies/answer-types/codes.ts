import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  answer_type: {
    public: 'bad_gateway',
    meaning: 'The upstream answered with a type that `allow` does not name, or a `Content-Type` that cannot be read.',
  },
  answer_type_missing: {
    public: 'bad_gateway',
    meaning: 'The upstream answered with a body and no `Content-Type`, so that browsers would guess one.',
  },
} as const satisfies ProblemCodes
