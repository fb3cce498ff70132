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
  contract_no_operation: {
    public: 'not_found',
    meaning: 'The OpenAPI document has no operation for the path, although a route has; `portcullis check` lists such.',
  },
  contract_no_method: {
    public: 'method_not_allowed',
    meaning: 'The OpenAPI document has the path, but no operation for the method.',
  },
  contract_broken: {
    public: 'internal_error',
    meaning:
      'The OpenAPI document says something of the operation that cannot be kept to, which `portcullis check` places, or a schema of a library threw: the log tells what.',
  },
  contract_response: {
    public: 'bad_gateway',
    meaning:
      'The upstream answered otherwise than the OpenAPI document says: its status, type, a header field or the body; the log tells where.',
  },
} as const satisfies ProblemCodes
