import { isConnectionField } from '../http1/field-names.ts'
import { isValue, token } from '../http1/octets.ts'
import { isTrailerAllowed } from '../http1/trailers.ts'
import type { UpstreamRequest } from './dispatch.ts'

/** What must not be sent: the request is refused instead. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
}

const lowerToken = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const badInTarget = /[^\x21-\x7e\x80-\xff]/

const maxCached = 2048
const maxCachedLength = 64
/** Names that were checked. */
const knownNames = new Set<string>()

/** The head of a request, checked once: only the target's name is put in for each attempt. */
export class RequestHead {
  readonly #start: string
  readonly #host: string | null
  readonly #rest: string

  constructor(start: string, host: string | null, rest: string) {
    this.#start = start
    this.#host = host
    this.#rest = rest
  }

  /** As it goes onto the wire, in latin1. */
  withAuthority(authority: string): string {
    return `${this.#start}${this.#host ?? authority}${this.#rest}`
  }
}

/**
 * Prepares the head of a request. Everything in it is checked, whatever was checked before: a line end that got in here
 * would be a second request (RFC 9112 section 11.2).
 * @throws InvalidRequest
 */
export function toRequestHead(request: UpstreamRequest): RequestHead {
  const { method, target, headers, body, upgrade } = request
  if (!token.test(method)) throw new InvalidRequest('an invalid method')
  if (badInTarget.test(target) || target === '') throw new InvalidRequest('an invalid request target')
  let fields = '\r\n'
  let host: string | null = null
  let te = false
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (!isValue(value)) throw new InvalidRequest(`an invalid value of ${toPrintable(name)}`)
    if (name === 'host') {
      host = value
      continue
    }
    if (name === 'te') te = true
    else if (!knownNames.has(name)) checkName(name)
    fields += `${name}: ${value}\r\n`
  }
  if (upgrade !== null) {
    if (!isValue(upgrade)) throw new InvalidRequest('an invalid upgrade')
    fields += `upgrade: ${upgrade}\r\nconnection: ${te ? 'upgrade, te' : 'upgrade'}\r\n`
  } else {
    fields += te ? 'connection: keep-alive, te\r\n' : 'connection: keep-alive\r\n'
  }
  if (body !== 'none') {
    fields += body.length === null ? 'transfer-encoding: chunked\r\n' : `content-length: ${body.length}\r\n`
  }
  return new RequestHead(`${method} ${target} HTTP/1.1\r\nhost: `, host, `${fields}\r\n`)
}

/** The last chunk and the trailers that may stand there. @throws InvalidRequest */
export function toLastChunk(trailers: readonly string[] | null): string {
  let text = '0\r\n'
  for (let i = 0; trailers !== null && i < trailers.length; i += 2) {
    const name = trailers[i] as string
    const value = trailers[i + 1] as string
    if (!lowerToken.test(name) || !isValue(value)) throw new InvalidRequest('an invalid trailer')
    if (isTrailerAllowed(name)) text += `${name}: ${value}\r\n`
  }
  return `${text}\r\n`
}

function checkName(name: string): void {
  if (!lowerToken.test(name)) throw new InvalidRequest(`an invalid field name: ${toPrintable(name)}`)
  if (isConnectionField(name)) throw new InvalidRequest(`${name} among the fields of a request`)
  if (knownNames.size < maxCached && name.length <= maxCachedLength) knownNames.add(name)
}

function toPrintable(name: string): string {
  return JSON.stringify(name.slice(0, 64))
}
