/** What the reader of a head does with a field. */
export const treat = {
  keep: 0,
  /** Hop-by-hop: it says something about this connection only. */
  drop: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  keepAlive: 6,
} as const

export interface FieldName {
  readonly lower: string
  readonly treatment: number
}

const treatments = new Map<string, number>([
  ['connection', treat.connection],
  ['content-length', treat.contentLength],
  ['transfer-encoding', treat.transferEncoding],
  ['upgrade', treat.upgrade],
  ['keep-alive', treat.keepAlive],
  ['proxy-connection', treat.drop],
  ['proxy-authenticate', treat.drop],
  ['proxy-authentication-info', treat.drop],
  ['te', treat.drop],
  ['trailer', treat.drop],
  ['http2-settings', treat.drop],
])

// RFC 9110 section 5.6.2: token.
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

const maxCached = 2048
const maxCachedLength = 64
const cache = new Map<string, FieldName>()

/** A field name as it came, checked and in lower case; null when it is no token. Known ones are looked up, not checked. */
export function readFieldName(raw: string): FieldName | null {
  const known = cache.get(raw)
  return known === undefined ? readNewName(raw) : known
}

function readNewName(raw: string): FieldName | null {
  if (!token.test(raw)) return null
  const lower = raw.toLowerCase()
  const name = { lower, treatment: treatments.get(lower) ?? treat.keep }
  // Full means that a target invents names: those are checked each time, the cache does not grow.
  if (cache.size < maxCached && raw.length <= maxCachedLength) cache.set(raw, name)
  return name
}

/** Fields of the framing and of the connection itself: they may not stand among those that are sent on. */
export function isConnectionField(lower: string): boolean {
  return treatments.has(lower) || lower === 'host'
}

// RFC 9110 section 6.5.1: what decides on framing, routing, authentication, caching or the content's meaning.
const notInTrailers = new Set([
  ...treatments.keys(),
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
