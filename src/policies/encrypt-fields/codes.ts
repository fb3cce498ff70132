import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  fields_type: {
    public: 'unsupported_media_type',
    meaning: 'A body came in which fields cannot be encrypted: it is not of a JSON type in UTF-8, or is compressed.',
  },
  fields_malformed: {
    public: 'malformed_request',
    meaning: 'The body is not strict JSON: malformed, not UTF-8, nested too deep, or with a member twice.',
  },
  fields_ciphertext: {
    public: 'invalid_content',
    meaning: 'A value in the body looks like a ciphertext of the key ring; clients send plain values only.',
  },
  fields_index: {
    public: 'invalid_content',
    meaning: 'The body has a member in which the blind index is to stand; it is made here and nowhere else.',
  },
  fields_too_many: { public: 'content_too_large', meaning: 'The body has more fields to encrypt than `maxFields`.' },
  fields_upgrade: {
    public: 'malformed_request',
    meaning: 'An upgrade (WebSocket) was asked for; nothing could be encrypted in it.',
  },
  fields_answer: {
    public: 'bad_gateway',
    meaning:
      'The upstream answered with a body in which fields cannot be decrypted or hidden: not JSON, compressed, a part, or with more fields than `maxFields`.',
  },
} as const satisfies ProblemCodes
