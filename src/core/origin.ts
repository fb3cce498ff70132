/** Why a text is no origin that may be listed. */
export interface OriginProblem {
  readonly problem: string
}

/** Answers for the `Origin` field of requests. */
export interface OriginSet {
  /** `origin` is the field as it came: a browser writes it in one form only, so nothing is normalised here. */
  includes(origin: string): boolean
}

interface OriginPattern {
  /** With `://`. */
  readonly prefix: string
  /** From the dot after `*`, with the port where one is given. */
  readonly suffix: string
}

const shape = /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?([^/?#@\\\s:*%]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i
const ipv4 = /^\d+\.\d+\.\d+\.\d+$/

// Pages of these have an opaque origin, which browsers send as `null`.
const opaqueSchemes = new Set(['about', 'blob', 'data', 'file', 'javascript'])

/**
 * Reads an origin of the policy file and returns it as browsers write it (RFC 6454 section 6.1): lower case, punycode,
 * no default port. `https://*.example.com` stands for every host below `example.com`, at any depth.
 */
export function parseOrigin(text: string): string | OriginProblem {
  if (text === '*') return text
  if (text === 'null') return { problem: '"null" is not listed here; see `unsafeAllowNullOrigin`' }
  const match = shape.exec(text)
  if (match === null) {
    return {
      problem: `"${text}" is not an origin such as https://app.example.com: no path, no trailing slash, no user`,
    }
  }
  const scheme = (match[1] as string).toLowerCase()
  const host = match[3] as string
  const port = match[4] ?? ''
  if (scheme === 'ws' || scheme === 'wss') {
    return { problem: `"${text}": a WebSocket handshake carries the origin of its page, which begins with https://` }
  }
  if (opaqueSchemes.has(scheme)) return { problem: `"${text}": pages of ${scheme}: have no origin of their own` }
  const isPattern = match[2] !== undefined
  if (scheme !== 'http' && scheme !== 'https') {
    return isPattern
      ? { problem: `"${text}": patterns are for http and https` }
      : `${scheme}://${host.toLowerCase()}${port}`
  }
  const url = URL.parse(`${scheme}://${host}${port}`)
  if (url === null) return { problem: `"${text}" does not name a host` }
  if (!isPattern) return url.origin
  const name = url.hostname
  if (ipv4.test(name) || name.startsWith('[')) return { problem: `"${text}": there is nothing below an address` }
  if (name.endsWith('.') || (!name.includes('.') && name !== 'localhost')) {
    return { problem: `"${text}" is too wide: a pattern names at least two labels, as in https://*.example.com` }
  }
  return `${scheme}://*.${url.host}`
}

/** Compiles origins that `parseOrigin` returned. */
export function createOriginSet(origins: readonly string[]): OriginSet {
  const exact = new Set(origins.filter((origin) => !isOriginPattern(origin)))
  const patterns = origins.filter(isOriginPattern).map(toPattern)
  if (patterns.length === 0) return { includes: (origin) => exact.has(origin) }
  return { includes: (origin) => exact.has(origin) || patterns.some((pattern) => matches(origin, pattern)) }
}

/** True for `https://*.example.com`. */
export function isOriginPattern(origin: string): boolean {
  return origin.includes('://*.')
}

/** An origin that a pattern matches, for probes and comparisons; an exact origin is returned as it is. */
export function toSampleOrigin(origin: string, label: string): string {
  return origin.replace('://*.', `://${label}.`)
}

/** Whether the others include all of these already. */
export function areOriginsWithin(own: readonly string[], others: readonly string[]): boolean {
  if (others.includes('*')) return true
  const all = createOriginSet(others)
  const patterns = createOriginSet(others.filter(isOriginPattern))
  return own.every((origin) =>
    isOriginPattern(origin) ? patterns.includes(toSampleOrigin(origin, 'x')) : all.includes(origin),
  )
}

function toPattern(origin: string): OriginPattern {
  const star = origin.indexOf('*')
  return { prefix: origin.slice(0, star), suffix: origin.slice(star + 1) }
}

/** A host name only ever stands between prefix and suffix: `https://evil.example/.example.com` is none. */
function matches(origin: string, { prefix, suffix }: OriginPattern): boolean {
  const end = origin.length - suffix.length
  if (end <= prefix.length || !origin.startsWith(prefix) || !origin.endsWith(suffix)) return false
  let dotBefore = true
  for (let i = prefix.length; i < end; i++) {
    const code = origin.charCodeAt(i)
    const isDot = code === 0x2e
    if (isDot ? dotBefore : !isHostCharacter(code)) return false
    dotBefore = isDot
  }
  return !dotBefore
}

/** In the form that browsers write: a-z, 0-9, `-`, and `_`, which resolvers accept. */
function isHostCharacter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
}
