import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  graphql_type: {
    public: 'unsupported_media_type',
    meaning: 'The request comes in a way that `accept` does not name, such as by GET or as a form.',
  },
  graphql_malformed: {
    public: 'malformed_request',
    meaning:
      'It is no GraphQL request that is read in one way only: syntax, unknown members, a query in the URL and the body, a fragment that holds itself.',
  },
  graphql_limit: {
    public: 'invalid_content',
    meaning: 'The request asks for more than the limits allow. The log names the limit.',
  },
  graphql_refused: {
    public: 'invalid_content',
    meaning: 'The request asks for introspection, or for an operation that `operations` or `allowList` does not name.',
  },
  graphql_upgrade: {
    public: 'malformed_request',
    meaning: 'A WebSocket was asked for; what is said in one cannot be judged.',
  },
} as const satisfies ProblemCodes
