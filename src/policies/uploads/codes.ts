import type { ProblemCodes } from '../../core/problems.ts'

export const codes = {
  uploads_type: {
    public: 'unsupported_media_type',
    meaning:
      'A file is of a type that is not in `types`, or its content, its declared type and the extension of its name do not agree, or it goes on behind its end.',
  },
  uploads_encoding: {
    public: 'unsupported_media_type',
    meaning: 'The body has a `Content-Encoding`: files are judged as they are, and are compressed by themselves.',
  },
  uploads_malformed: {
    public: 'malformed_request',
    meaning: 'The multipart body can be read in more than one way, or not at all; the log says where.',
  },
  uploads_too_large: {
    public: 'content_too_large',
    meaning: 'A file, a plain field, or all files together are longer than allowed, or than can be read whole.',
  },
  uploads_count: { public: 'content_too_large', meaning: 'More files or plain fields than allowed.' },
  uploads_field: {
    public: 'invalid_content',
    meaning: 'A file stands in a field that is not in `fields`, or a field of files holds none.',
  },
  uploads_name: {
    public: 'invalid_content',
    meaning:
      'A file has a name that some system would take for something else; `names: normalise` rewrites such names.',
  },
  uploads_image: {
    public: 'invalid_content',
    meaning: 'A picture has more pixels than allowed, or its header does not tell how many.',
  },
  uploads_archive: {
    public: 'invalid_content',
    meaning:
      'An archive unpacks to too much, leaves its folder, holds links, programs or too many archives, is encrypted, or is read differently by different programs.',
  },
  uploads_active: {
    public: 'invalid_content',
    meaning: 'A picture or document holds scripts, macros or programs; `unsafeAllowActive` lets them pass.',
  },
  uploads_infected: {
    public: 'invalid_content',
    meaning: 'The virus scanner knows the file; the log has the name of the signature (`upload_infected`).',
  },
  uploads_unscanned: {
    public: 'unavailable',
    meaning: 'The virus scanner gave no verdict; the log says why (`antivirus_failed`). See `antivirus.onFailure`.',
  },
  uploads_busy: {
    public: 'unavailable',
    meaning: 'Too many files that have to be read whole (archives, SVG) came at the same time.',
  },
  uploads_upgrade: {
    public: 'malformed_request',
    meaning: 'An upgrade (WebSocket) was asked for; nothing could be judged in it.',
  },
} as const satisfies ProblemCodes
