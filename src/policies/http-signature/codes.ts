import type { ProblemCodes } from '../../core/problems.ts'

/** All are one to the caller; the log tells them apart. */
export const codes = {
  http_signature_malformed: {
    public: 'unauthenticated',
    meaning: 'The fields Signature and Signature-Input cannot be read, or one is there without the other.',
  },
  http_signature_unknown: {
    public: 'unauthenticated',
    meaning: 'No signature is by a key of `keys` with the tag that is asked for.',
  },
  http_signature_ambiguous: {
    public: 'unauthenticated',
    meaning: 'Several signatures are by keys of `keys`; set a `tag` to tell them apart.',
  },
  http_signature_incomplete: {
    public: 'unauthenticated',
    meaning: 'The signature leaves out what must be signed, or covers what is not there; the detail names it.',
  },
  http_signature_time: {
    public: 'unauthenticated',
    meaning:
      'The signature is too old, from the future, expired, or does not say when it was made. Compare the clocks.',
  },
  http_signature_wrong: {
    public: 'unauthenticated',
    meaning: 'The signature is not the key’s: another key, or something that is signed was changed on the way.',
  },
  http_signature_digest: {
    public: 'unauthenticated',
    meaning: 'The body is not the one whose Content-Digest was signed, or the field has no digest that is known.',
  },
  http_signature_replayed: {
    public: 'unauthenticated',
    meaning: 'The same signed request came before; or the table that remembers them is full (`counters.maxKeys`).',
  },
} as const satisfies ProblemCodes
