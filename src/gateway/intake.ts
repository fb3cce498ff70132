import { type Refusal, refuse } from '../core/decision.ts'
import { Fields } from '../core/fields.ts'
import { type ParsedTarget, parseTarget } from '../core/path.ts'
import { proofField, toKnownField } from './known-fields.ts'

/** What a request says of itself, read once and cleaned; every later part works on this. */
export interface Intake {
  /** In lower case, with the port where one was given. */
  readonly host: string
  readonly target: ParsedTarget
  /** End-to-end fields only. */
  readonly headers: Fields
  /** All names and values as they came. */
  readonly headerBytes: number
  /** Forwarding fields as they came: only for the client resolver. Null when there are none. */
  readonly forwarding: Fields | null
  /** The prober's signed field, null when absent. */
  readonly proof: string | null
  /** Declared body length, null for chunked, 0 for none. */
  readonly contentLength: number | null
  /** The value of `Upgrade` where `Connection` names it. */
  readonly upgrade: string | null
  readonly expectsContinue: boolean
  /** The client takes trailers (`TE: trailers`). */
  readonly takesTrailers: boolean
}

export interface IntakeLimits {
  readonly maxHeaderCount: number
  readonly maxUrlBytes: number
}

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/

/**
 * Reads a request's fields in one pass.
 * @param rawHeaders flat name/value pairs as the parser gives them
 * @param url the request target as it came
 * @param authority HTTP/2's `:authority`, null over HTTP/1
 */
export function readIntake(
  rawHeaders: readonly string[],
  url: string,
  authority: string | null,
  limits: IntakeLimits,
): Intake | Refusal {
  if (url.length > limits.maxUrlBytes) return refuse('uri_too_long', `${url.length} bytes`)
  if (rawHeaders.length > limits.maxHeaderCount * 2) return refuse('header_too_large', 'too many fields')
  const flat: string[] = []
  let seenSingles = 0
  let host = authority
  let connection: string | null = null
  let upgrade: string | null = null
  let te: string | null = null
  let transfer: string | null = null
  let length: string | null = null
  let expectsContinue = false
  let expectsOther = false
  let cookie = -1
  let forwarding: string[] | null = null
  let proof: string | null = null
  let headerBytes = 0

  for (let i = 0; i < rawHeaders.length; i += 2) {
    const { name, treatment, bit } = toKnownField(rawHeaders[i] as string)
    const value = rawHeaders[i + 1] as string
    headerBytes += name.length + value.length
    switch (treatment) {
      case 'pass':
        flat.push(name, value)
        break
      case 'single':
        if ((seenSingles & bit) !== 0) return refuse('malformed_request', `${name} is repeated`)
        seenSingles |= bit
        flat.push(name, value)
        break
      case 'cookie':
        // HTTP/2 may split the field (RFC 9113 section 8.2.3); upstreams get one.
        if (cookie === -1) {
          flat.push(name, value)
          cookie = flat.length - 1
        } else flat[cookie] = `${flat[cookie]}; ${value}`
        break
      case 'own':
        if (name === proofField && proof === null) proof = value
        break
      case 'host':
        if (host !== null && (authority === null || authority.toLowerCase() !== value.toLowerCase())) {
          return refuse('host_invalid', 'several hosts')
        }
        host = value
        break
      case 'length':
        if (length !== null) return refuse('request_smuggling', 'content-length is repeated')
        length = value
        break
      case 'transfer':
        if (transfer !== null) return refuse('request_smuggling', 'transfer-encoding is repeated')
        transfer = value
        break
      case 'connection':
        connection = connection === null ? value : `${connection},${value}`
        break
      case 'upgrade':
        upgrade = value
        break
      case 'te':
        te = value
        break
      case 'expect':
        if (value.toLowerCase() === '100-continue') expectsContinue = true
        else expectsOther = true
        break
      case 'forwarding':
        forwarding ??= []
        forwarding.push(name, value)
        break
      case 'hop':
      case 'drop':
        break
    }
  }

  if (transfer !== null && (length !== null || transfer.toLowerCase() !== 'chunked')) {
    return refuse(
      'request_smuggling',
      `transfer-encoding ${length === null ? 'other than chunked' : 'and content-length'}`,
    )
  }
  if (length !== null && !/^\d{1,15}$/.test(length)) return refuse('request_smuggling', 'content-length is no number')
  if (expectsOther) return refuse('expectation_failed', 'unknown expectation')

  const headers = new Fields(flat)
  const upgrades = connection !== null && dropNamed(headers, connection)
  const origin = readTarget(url, host)
  if ('kind' in origin) return origin
  return {
    host: origin.host,
    target: origin.target,
    headers,
    headerBytes,
    forwarding: forwarding === null ? null : new Fields(forwarding),
    proof,
    contentLength: transfer !== null ? null : length === null ? 0 : Number(length),
    upgrade: upgrades ? upgrade : null,
    expectsContinue,
    takesTrailers: te !== null && /\btrailers\b/i.test(te),
  }
}

/** Drops the fields that `Connection` names; tells whether it names `upgrade`. */
function dropNamed(headers: Fields, connection: string): boolean {
  const plain = connection.toLowerCase()
  if (plain === 'keep-alive' || plain === 'close') return false
  if (plain === 'upgrade') return true
  const named = new Set<string>()
  for (const token of plain.split(',')) named.add(token.trim())
  const { flat } = headers
  // Field by field: a client may name thousands.
  for (let i = flat.length - 2; i >= 0; i -= 2) if (named.has(flat[i] as string)) flat.splice(i, 2)
  return named.has('upgrade')
}

/** Splits the target; an absolute one (RFC 9112 section 3.2.2) must name the same host as the `Host` field. */
function readTarget(url: string, host: string | null): { host: string; target: ParsedTarget } | Refusal {
  if (host === null) return refuse('host_invalid', 'no host')
  const name = host.toLowerCase()
  if (!hostPattern.test(name)) return refuse('host_invalid', 'not a host name')
  let rest = url
  if (url.charCodeAt(0) !== 0x2f) {
    const match = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url)
    if (match === null) return refuse('path_invalid', 'the target is not a path')
    if ((match[1] as string).toLowerCase() !== name) return refuse('host_invalid', 'the target names another host')
    rest = (match[2] as string).startsWith('/') ? (match[2] as string) : `/${match[2]}`
  }
  const target = parseTarget(rest)
  return 'kind' in target ? target : { host: name, target }
}
