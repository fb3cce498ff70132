import { isValue, token, trimBlanks } from './octets.ts'

// RFC 9110 section 6.5.1: what decides on framing, routing, authentication, caching or the content's meaning.
const notInTrailers = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'age',
  'authorization',
  'cache-control',
  'clear-site-data',
  'cookie',
  'date',
  'expect',
  'expires',
  'forwarded',
  'host',
  'location',
  'max-forwards',
  'origin',
  'pragma',
  'proxy-authorization',
  'range',
  'refresh',
  'retry-after',
  'set-cookie',
  'strict-transport-security',
  'vary',
  'warning',
  'www-authenticate',
])
const neverInTrailers = /^(?:content-(?!digest$|md5$)|access-control-|cross-origin-|if-|sec-|x-forwarded-)/

export function isTrailerAllowed(lower: string): boolean {
  return !notInTrailers.has(lower) && !neverInTrailers.test(lower)
}

/**
 * Parses the trailer section of a chunked body: field lines up to and with the last line end.
 * @returns the fields that may stand there, null when none is left, a text when the section is not acceptable
 */
export function parseTrailers(text: string): string[] | null | string {
  const fields: string[] = []
  for (const line of text.split('\r\n')) {
    if (line === '') continue
    const nameEnd = line.indexOf(':')
    if (nameEnd === -1) return 'a trailer without a colon'
    const raw = line.slice(0, nameEnd)
    if (!token.test(raw)) return 'an invalid trailer name'
    const name = raw.toLowerCase()
    const value = line.slice(nameEnd + 1)
    if (!isValue(value)) return `an invalid value of the trailer ${name}`
    // Dropping it would do; but whoever reads it as framing takes the body for another one.
    if (name === 'content-length' || name === 'transfer-encoding') return `${name} in the trailers`
    if (isTrailerAllowed(name)) fields.push(name, trimBlanks(value))
  }
  return fields.length === 0 ? null : fields
}
