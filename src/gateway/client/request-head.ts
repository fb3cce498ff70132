import { type Refusal, refuse } from '../../core/decision.ts'
import { noOptions, readOptions } from '../http1/connection-options.ts'
import { FieldNames, treat } from '../http1/field-names.ts'
import { cr, endOfValue, isBlank, lf, space, token } from '../http1/octets.ts'
import { usualNames } from './usual-names.ts'

/** The head of a request, checked, with what it says of its framing and of the connection. */
export interface RequestHead {
  readonly method: string
  readonly target: string
  /** Of the version: HTTP/1.0 or 1.1. */
  readonly minor: 0 | 1
  /** Every field as it came, flat pairs, names in lower case. */
  readonly fields: string[]
  /** 0 where there is no body, null for a chunked one. */
  readonly contentLength: number | null
  readonly keepsAlive: boolean
  /** `Connection` and `Upgrade` ask together for a WebSocket, and for nothing else. */
  readonly upgrades: boolean
}

// RFC 9112 section 3.2, RFC 3986 section 2: ASCII without blanks and controls. What of it a path may hold is for intake.
const targetOctets = new Uint8Array(256).fill(1, space + 1, 0x7f)

const slash = 0x2f
const absoluteForm = /^https?:\/\/[A-Za-z0-9.\-_:[\]]+(?:[/?]|$)/i

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])
const names = new FieldNames(usualNames)
const digits = /^\d{1,15}$/
const anyVersion = /^HTTP\/\d\.\d\r\n/

/**
 * Parses the head of a request strictly (RFC 9112).
 * @param text the bytes as latin1, up to and with the line end of the last field
 */
export function parseRequestHead(text: string): RequestHead | Refusal {
  const methodEnd = text.indexOf(' ')
  const method = text.slice(0, Math.max(0, methodEnd))
  if (!knownMethods.has(method) && !token.test(method)) return malformed('not a request line')
  const targetStart = methodEnd + 1
  let at = targetStart
  while (targetOctets[text.charCodeAt(at)] === 1) at++
  if (at === targetStart || text.charCodeAt(at) !== space) return malformed('an invalid request target')
  const target = text.slice(targetStart, at++)
  if (target.charCodeAt(0) !== slash && !isOddTarget(method, target)) return malformed('an invalid request target')
  const minor = readVersion(text, at)
  if (minor === -1) {
    return anyVersion.test(text.slice(at, at + 10)) ? refuse('version_not_supported') : malformed('not a request line')
  }
  at += 10

  const fields: string[] = []
  let length: string | null = null
  let coding: string | null = null
  let options: string | null = null
  let upgrade: string | null = null

  const end = text.length
  while (at < end) {
    const nameEnd = text.indexOf(':', at)
    if (nameEnd === -1) return malformed('a line without a colon')
    const name = names.read(text.slice(at, nameEnd))
    if (name === null) return malformed('an invalid field name')
    let start = nameEnd + 1
    while (isBlank(text.charCodeAt(start))) start++
    let stop = endOfValue(text, start)
    if (text.charCodeAt(stop) !== cr || text.charCodeAt(stop + 1) !== lf) {
      return malformed(`an invalid value of ${name.lower}`)
    }
    at = stop + 2
    while (stop > start && isBlank(text.charCodeAt(stop - 1))) stop--
    const value = text.slice(start, stop)
    fields.push(name.lower, value)
    switch (name.treatment) {
      case treat.contentLength:
        if (length !== null) return refuse('request_smuggling', 'content-length is repeated')
        if (!digits.test(value)) return refuse('request_smuggling', 'content-length is no number')
        length = value
        break
      case treat.transferEncoding:
        if (coding !== null) return refuse('request_smuggling', 'transfer-encoding is repeated')
        coding = value
        break
      case treat.connection:
        options = options === null ? value : `${options},${value}`
        break
      case treat.upgrade:
        upgrade = upgrade === null ? value : `${upgrade},${value}`
        break
    }
  }

  if (coding !== null) {
    if (length !== null) return refuse('request_smuggling', 'transfer-encoding and content-length')
    if (coding.toLowerCase() !== 'chunked') return refuse('request_smuggling', 'transfer-encoding other than chunked')
    // RFC 9112 section 6.1: the framing of such a message is faulty.
    if (minor === 0) return refuse('request_smuggling', 'transfer-encoding in HTTP/1.0')
  }
  const connection = options === null ? noOptions : readOptions(options)
  return {
    method,
    target,
    minor,
    fields,
    contentLength: coding !== null ? null : length === null ? 0 : Number(length),
    keepsAlive: !connection.close && (minor === 1 || connection.keepAlive),
    // RFC 9110 section 7.8: in HTTP/1.0 the field means nothing.
    upgrades: connection.upgrade && minor === 1 && upgrade !== null && upgrade.toLowerCase() === 'websocket',
  }
}

/** RFC 9112 sections 3.2.2 to 3.2.4: what does not begin with a slash. */
function isOddTarget(method: string, target: string): boolean {
  return target === '*' || absoluteForm.test(target) || method === 'CONNECT'
}

/** -1 for anything else than `HTTP/1.0` and `HTTP/1.1` at the end of the line. */
function readVersion(text: string, at: number): 0 | 1 | -1 {
  if (text.startsWith('HTTP/1.1\r\n', at)) return 1
  return text.startsWith('HTTP/1.0\r\n', at) ? 0 : -1
}

function malformed(detail: string): Refusal {
  return refuse('malformed_request', detail)
}
