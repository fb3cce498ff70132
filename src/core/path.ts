import { type Refusal, refuse } from './decision.ts'

/** What a route may allow that is refused elsewhere, because servers disagree on what it means. */
export interface PathAllowances {
  readonly encodedSlash: boolean
}

export interface ParsedTarget {
  readonly path: string
  /** Without `?`; empty when there is none. */
  readonly query: string
  /** True where the path holds `%2F`: only routes that allow it may be matched. */
  readonly encodedSlash: boolean
}

const plainPath = /^\/[A-Za-z0-9\-_~!$&'()*+,=:@/.]*$/
const dotSegment = /\/\.{1,2}(?:\/|$)/
const percentEscape = /%([0-9A-Fa-f]{2})|%/g
const unreserved = /[A-Za-z0-9\-._~]/
// RFC 3986 pchar without `%`; `;` is kept and judged when the route is looked up.
const allowedInPath = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*$/
// WHATWG's looser query is what browsers send; controls, space, `#` and non-ASCII never come from a well-made client.
const allowedInQuery = /^[\x21\x22\x24-\x7e]*$/

/**
 * Normalises a request target once (RFC 3986 section 6.2.2): escapes of unreserved characters are decoded, hex digits
 * are in upper case. What servers read differently is refused: dot segments, backslashes, NULs and controls, broken
 * escapes, escaped slashes (unless the route allows them) and escaped backslashes.
 */
export function parseTarget(target: string): ParsedTarget | Refusal {
  const mark = target.indexOf('?')
  const rawPath = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  if (query !== '' && !allowedInQuery.test(query)) return refuse('path_invalid', 'a character that no query may hold')
  if (plainPath.test(rawPath)) {
    if (rawPath.includes('/.') && dotSegment.test(rawPath)) return refuse('path_invalid', 'dot segment')
    return { path: rawPath, query, encodedSlash: false }
  }
  return parseOddPath(rawPath, query)
}

function parseOddPath(rawPath: string, query: string): ParsedTarget | Refusal {
  if (!rawPath.startsWith('/')) return refuse('path_invalid', 'the target is not a path')
  if (rawPath.includes('#')) return refuse('path_invalid', 'a fragment in the target')
  const nonAscii = encodeNonAscii(rawPath)
  if (nonAscii === null) return refuse('path_invalid', 'a character that no path may hold')
  let problem: string | null = null
  let encodedSlash = false
  const path = nonAscii.replace(percentEscape, (whole, hex: string | undefined) => {
    if (hex === undefined) {
      problem = 'a broken escape'
      return whole
    }
    const code = Number.parseInt(hex, 16)
    if (code < 0x20 || code === 0x7f) problem = 'an escaped control character'
    else if (code === 0x5c) problem = 'an escaped backslash'
    else if (code === 0x2f) encodedSlash = true
    // A decoded dot could complete a dot segment; the check below sees it.
    const character = String.fromCharCode(code)
    return unreserved.test(character) ? character : `%${hex.toUpperCase()}`
  })
  if (problem !== null) return refuse('path_invalid', problem)
  if (!allowedInPath.test(path)) return refuse('path_invalid', 'a character that no path may hold')
  if (holdsDotSegment(path)) return refuse('path_invalid', 'dot segment')
  if (!isUtf8(path)) return refuse('path_invalid', 'escapes that are not UTF-8')
  return { path, query, encodedSlash }
}

/** Dot segments as some servers see them: with `;` parameters, and between escaped slashes. */
function holdsDotSegment(path: string): boolean {
  return dotSegment.test(path) || dotSegment.test(path.replace(/%2F/g, '/').replace(/;[^/]*/g, ''))
}

/** Where Node parses (embedded), raw UTF-8 of old clients arrives as Latin-1: escaped here, so that one form goes on. */
function encodeNonAscii(path: string): string | null {
  let encoded = ''
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code > 0xff) return null
    encoded += code < 0x80 ? path[i] : `%${code.toString(16).toUpperCase()}`
  }
  return encoded
}

function isUtf8(path: string): boolean {
  if (!path.includes('%')) return true
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/**
 * The form under which careless servers would read the same path: without case, `;` parameters, repeated and trailing
 * slashes, and with every escape decoded but that of a slash, which only routes that allow it get to see. Equal to the path itself for nearly all requests.
 */
export function foldPath(path: string): string {
  if (isFolded(path)) return path
  const decoded = path.includes('%') ? safeDecode(path.replaceAll('%2F', '%252F')) : path
  const folded = decoded
    .replace(/;[^/]*/g, '')
    .replace(/\/{2,}/g, '/')
    .toLowerCase()
  return folded.length > 1 && folded.endsWith('/') ? folded.slice(0, -1) : folded
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function isFolded(path: string): boolean {
  let before = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if ((code >= 0x41 && code <= 0x5a) || code === 0x3b || code === 0x25) return false
    if (code === 0x2f && before === 0x2f) return false
    before = code
  }
  return path.length === 1 || before !== 0x2f
}
