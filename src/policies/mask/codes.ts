import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  mask_answer: {
    public: 'bad_gateway',
    meaning:
      'The upstream answered with a body in which nothing can be masked: compressed, a part, in another charset, or of a type that is no text (`otherTypes`).',
  },
  mask_upgrade: {
    public: 'malformed_request',
    meaning: 'An upgrade (WebSocket) was asked for on a route with `mask`; nothing could be masked in it.',
  },
  mask_found: {
    public: 'internal_error',
    meaning: 'Only with `mode: observe`: the answer holds values that would have been masked; the detail counts them.',
  },
} as const satisfies ProblemCodes
