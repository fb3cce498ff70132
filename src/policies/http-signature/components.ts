import type { Exchange } from '../../core/exchange.ts'
import { type InnerList, type Item, serializeInnerList, serializeItem } from './structured-field.ts'

/** What of a request signatures speak about: what was normalised, and is forwarded. */
export type SignedRequest = Pick<Exchange, 'method' | 'scheme' | 'host' | 'path' | 'query' | 'headers'> & {
  readonly body: Pick<Exchange['body'], 'declaredLength'>
}

/** A component that cannot be had, in words for the log. */
export interface MissingComponent {
  readonly problem: string
}

/** The text that is signed (RFC 9421 section 2.5). */
export function createSignatureBase(request: SignedRequest, covered: InnerList): string | MissingComponent {
  const lines: string[] = []
  const seen = new Set<string>()
  for (const item of covered.items) {
    const identifier = serializeItem(item)
    if (seen.has(identifier)) return { problem: `${identifier} is covered twice` }
    seen.add(identifier)
    const value = readComponent(request, item)
    if (typeof value !== 'string') return value
    lines.push(`${identifier}: ${value}`)
  }
  lines.push(`"@signature-params": ${serializeInnerList(covered)}`)
  return lines.join('\n')
}

function readComponent(request: SignedRequest, { value: name, parameters }: Item): string | MissingComponent {
  if (typeof name !== 'string') return { problem: 'a component that is no string' }
  const parameter = parameters.get('name')
  if (name === '@query-param' && parameters.size === 1 && typeof parameter === 'string') {
    return readQueryParameter(request.query, parameter)
  }
  // `sf`, `key`, `bs`, `tr` and `req`: what they would make of a field is not what is forwarded.
  if (parameters.size > 0) return { problem: `parameters of "${name}" are not supported` }
  return name.startsWith('@') ? readDerived(request, name) : readField(request, name)
}

function readDerived({ method, scheme, host, path, query }: SignedRequest, name: string): string | MissingComponent {
  switch (name) {
    case '@method':
      return method
    case '@scheme':
      return scheme
    case '@authority':
      return toAuthority(scheme, host)
    case '@path':
      return path
    case '@query':
      return `?${query}`
    case '@request-target':
      return query === '' ? path : `${path}?${query}`
    case '@target-uri':
      return `${scheme}://${toAuthority(scheme, host)}${path}${query === '' ? '' : `?${query}`}`
    default:
      return { problem: `"${name}" is no component of a request` }
  }
}

/** In lower case, without the port that the scheme stands for (RFC 9421 section 2.2.3). */
function toAuthority(scheme: string, host: string): string {
  const port = scheme === 'https' ? ':443' : ':80'
  return host.endsWith(port) ? host.slice(0, -port.length) : host
}

function readField({ headers, body }: SignedRequest, name: string): string | MissingComponent {
  if (name === 'content-length' && body.declaredLength !== null) return String(body.declaredLength)
  if (name !== name.toLowerCase()) return { problem: `"${name}" is not in lower case` }
  const values = headers.all(name)
  if (values.length === 0) return { problem: `the field "${name}" is not there` }
  return values.map((value) => value.trim()).join(', ')
}

/** Decoded and encoded anew, so that both sides write it alike (RFC 9421 section 2.2.8). */
function readQueryParameter(query: string, name: string): string | MissingComponent {
  let decoded: string
  try {
    decoded = decodeURIComponent(name)
  } catch {
    return { problem: 'a name of a query parameter that is not encoded' }
  }
  const values = new URLSearchParams(query).getAll(decoded)
  if (values.length !== 1) return { problem: `the query parameter "${name}" is there ${values.length} times` }
  const toCode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(values[0]?.toWellFormed() ?? '').replace(/[!'()~]/g, toCode)
}
