import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  structure_type: {
    public: 'unsupported_media_type',
    meaning:
      'The body has no `Content-Type`, several, one that cannot be read, another charset than UTF-8, or a type that `types` does not name.',
  },
  structure_malformed: {
    public: 'malformed_request',
    meaning:
      'The query or body is not what its type says, or holds what programs read differently: a name twice, broken UTF-8, a control character, `__proto__`, a document type declaration. The log names the place and the rule.',
  },
  structure_limit: {
    public: 'invalid_content',
    meaning: 'The query or body is deeper, longer or more than the limits allow. The log names the place and the rule.',
  },
} as const satisfies ProblemCodes
