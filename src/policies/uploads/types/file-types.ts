/** One type of files that can be allowed. */
export interface FileType {
  /** What may stand in `Content-Type`, the registered type first. */
  readonly declared: readonly string[]
  /** In lower case. */
  readonly extensions: readonly string[]
  /** How it is looked into, beside its first bytes. */
  readonly content: 'image' | 'svg' | 'pdf' | 'zip' | 'gzip' | 'zstd' | 'tar' | 'text' | 'opaque'
}

/** By the name that `types` uses. What a file is told by is in detect-type.ts. */
export const fileTypes = {
  'image/png': { declared: ['image/png'], extensions: ['png'], content: 'image' },
  'image/jpeg': { declared: ['image/jpeg'], extensions: ['jpg', 'jpeg'], content: 'image' },
  'image/gif': { declared: ['image/gif'], extensions: ['gif'], content: 'image' },
  'image/webp': { declared: ['image/webp'], extensions: ['webp'], content: 'image' },
  'image/avif': { declared: ['image/avif'], extensions: ['avif'], content: 'image' },
  'image/bmp': { declared: ['image/bmp', 'image/x-ms-bmp'], extensions: ['bmp'], content: 'image' },
  'image/svg+xml': { declared: ['image/svg+xml'], extensions: ['svg'], content: 'svg' },
  'application/pdf': { declared: ['application/pdf'], extensions: ['pdf'], content: 'pdf' },
  'application/zip': {
    declared: ['application/zip', 'application/x-zip-compressed'],
    extensions: ['zip'],
    content: 'zip',
  },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    declared: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    extensions: ['docx'],
    content: 'zip',
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    declared: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    extensions: ['xlsx'],
    content: 'zip',
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    declared: ['application/vnd.openxmlformats-officedocument.presentationml.presentation'],
    extensions: ['pptx'],
    content: 'zip',
  },
  'application/vnd.oasis.opendocument.text': {
    declared: ['application/vnd.oasis.opendocument.text'],
    extensions: ['odt'],
    content: 'zip',
  },
  'application/vnd.oasis.opendocument.spreadsheet': {
    declared: ['application/vnd.oasis.opendocument.spreadsheet'],
    extensions: ['ods'],
    content: 'zip',
  },
  'application/gzip': {
    declared: ['application/gzip', 'application/x-gzip'],
    extensions: ['gz', 'tgz'],
    content: 'gzip',
  },
  'application/zstd': { declared: ['application/zstd', 'application/x-zstd'], extensions: ['zst'], content: 'zstd' },
  'application/x-tar': { declared: ['application/x-tar'], extensions: ['tar'], content: 'tar' },
  'application/x-7z-compressed': { declared: ['application/x-7z-compressed'], extensions: ['7z'], content: 'opaque' },
  'video/mp4': { declared: ['video/mp4'], extensions: ['mp4', 'm4v'], content: 'opaque' },
  'video/quicktime': { declared: ['video/quicktime'], extensions: ['mov', 'qt'], content: 'opaque' },
  'video/webm': { declared: ['video/webm', 'audio/webm'], extensions: ['webm'], content: 'opaque' },
  'audio/mpeg': { declared: ['audio/mpeg', 'audio/mp3'], extensions: ['mp3'], content: 'opaque' },
  'audio/mp4': { declared: ['audio/mp4', 'audio/x-m4a'], extensions: ['m4a'], content: 'opaque' },
  'audio/wav': {
    declared: ['audio/wav', 'audio/x-wav', 'audio/vnd.wave', 'audio/wave'],
    extensions: ['wav'],
    content: 'opaque',
  },
  'audio/ogg': {
    declared: ['audio/ogg', 'video/ogg', 'application/ogg'],
    extensions: ['ogg', 'oga', 'ogv', 'opus'],
    content: 'opaque',
  },
  'text/plain': { declared: ['text/plain'], extensions: ['txt', 'text', 'log', 'md'], content: 'text' },
  'text/csv': { declared: ['text/csv', 'application/csv'], extensions: ['csv'], content: 'text' },
} as const satisfies Record<string, FileType>

export type TypeName = keyof typeof fileTypes

export const typeNames = Object.keys(fileTypes) as [TypeName, ...TypeName[]]

export function toFileType(name: TypeName): FileType {
  return fileTypes[name]
}
