import { isBase64 } from './formats.ts'

type Decode = (text: string) => string | null

const decoders: Readonly<Record<string, Decode>> = {
  base64: (text) => (isBase64(text) ? Buffer.from(text, 'base64').toString('utf8') : null),
  base64url: (text) => (/^[A-Za-z0-9_-]*$/.test(text) ? Buffer.from(text, 'base64url').toString('utf8') : null),
  base16: (text) => (/^(?:[0-9A-Fa-f]{2})*$/.test(text) ? Buffer.from(text, 'hex').toString('utf8') : null),
  '7bit': isAscii,
}

/** The values of `contentEncoding` and `contentMediaType` that are asserted; others are refused when a schema is read. */
export const contentEncodings = Object.keys(decoders)
export const contentMediaTypes = ['application/json']

/** Whether a text is what these keywords say (JSON Schema 2020-12, validation, section 8). */
export function isContent(text: string, encoding: string | undefined, mediaType: string | undefined): boolean {
  const decode = encoding === undefined ? null : (decoders[encoding] as Decode)
  const decoded = decode === null ? text : decode(text)
  if (decoded === null) return false
  return mediaType === undefined || isJson(decoded)
}

function isAscii(text: string): string | null {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return null
  return text
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
