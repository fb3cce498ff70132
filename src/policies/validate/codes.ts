import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  contract_violated: {
    public: 'invalid_content',
    meaning:
      'A parameter or the body is not what the contract of the route asks for; `errors` in the answer says where and which rule.',
  },
  contract_unreadable: {
    public: 'malformed_request',
    meaning:
      'The query or the body cannot be read for certain: a broken escape, broken JSON, a member twice, another charset than UTF-8.',
  },
  contract_media_type: {
    public: 'unsupported_media_type',
    meaning: 'The body is of a type that the contract does not list, or of none; the answer lists those in `Accept`.',
  },
} as const satisfies ProblemCodes
