import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  injection_suspected: {
    public: 'invalid_content',
    meaning:
      'A value looks like a program rather than like a value. The detail names place and rule; `exclude` lets it pass there.',
  },
  injection_unreadable: {
    public: 'malformed_request',
    meaning:
      'A body came that cannot be judged: no or several content types, another charset than UTF-8, broken JSON, forms or codings.',
  },
  injection_type: {
    public: 'unsupported_media_type',
    meaning:
      'A body of a binary type came where `otherTypes` is `refuse`, or longer than `maxBodyBytes` where it is judged.',
  },
  injection_unresolved: {
    public: 'unavailable',
    meaning:
      'The names in `urlFields` could not be looked up in time; see whether this machine reaches its DNS server.',
  },
} as const satisfies ProblemCodes
