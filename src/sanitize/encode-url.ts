import { SanitizeError } from './sanitize-error.ts'

/** A name or value of a query, or of a form: everything but letters, digits and `-_.~` is encoded (RFC 3986 section 2.3). */
export function encodeUrlComponent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * One segment of a path: `/customers/${encodePathSegment(id)}`.
 * @throws {SanitizeError} `cannot_be_encoded` for an empty text, `.` and `..`: URLs read them as folders however they are written
 */
export function encodePathSegment(text: string): string {
  if (text === '' || text === '.' || text === '..') {
    throw new SanitizeError('cannot_be_encoded', 'an empty text, `.` and `..` can be no segment of a path')
  }
  return encodeUrlComponent(text)
}

/**
 * An absolute URL for `href` or `src`, or null where it is none, or of another scheme: `javascript:` and `data:` are code. Encode
 * the result for the attribute that it stands in.
 * @param schemes without colons; default `https`, `http` and `mailto`
 */
export function toSafeUrl(text: string, schemes: readonly string[] = ['https', 'http', 'mailto']): string | null {
  if (text.length > 8192 || !URL.canParse(text)) return null
  const url = new URL(text)
  const isAllowed = schemes.includes(url.protocol.slice(0, -1)) && url.username === '' && url.password === ''
  return isAllowed ? url.href : null
}
