import { noOptions, readOptions } from '../http1/connection-options.ts'
import { FieldNames, treat } from '../http1/field-names.ts'
import { cr, endOfValue, isBlank, lf, space } from '../http1/octets.ts'

/** The head of an answer, checked: hop-by-hop fields and framing are out of `headers`. */
export interface ResponseHead {
  readonly status: number
  /** Flat pairs, names in lower case. */
  readonly headers: string[]
  readonly contentLength: number | null
  readonly chunked: boolean
  /** The connection may carry another request, as far as the head tells. */
  readonly keepsAlive: boolean
  /** What the target says of how long it keeps an idle connection. */
  readonly keepAliveMs: number | null
  /** The value of `Upgrade` where `Connection` names it. */
  readonly upgrade: string | null
}

const maxFields = 512
const names = new FieldNames()
const digits = /^\d{1,15}$/
const keepAliveTimeout = /(?:^|[,\s])timeout\s*=\s*(\d{1,6})/i

/**
 * Parses the head of an answer strictly (RFC 9112).
 * @param text the bytes as latin1, up to and with the line end of the last field
 * @returns what is wrong with it where it is not acceptable
 */
export function parseResponseHead(text: string): ResponseHead | string {
  const minor = readVersion(text)
  if (minor === -1) return 'not an HTTP/1 status line'
  const status = readStatus(text)
  if (status === -1) return 'an invalid status line'

  const fields: string[] = []
  let contentLength: string | null = null
  let codings = 0
  let chunked = false
  let options: string | null = null
  let upgrade: string | null = null
  let keepAlive: string | null = null

  let at = endOfLine(text, 12)
  if (at === -1) return 'an invalid status line'
  const { length } = text
  while (at < length) {
    const nameEnd = text.indexOf(':', at)
    if (nameEnd === -1) return 'a line without a colon'
    const name = names.read(text.slice(at, nameEnd))
    if (name === null) return 'an invalid field name'
    let start = nameEnd + 1
    while (isBlank(text.charCodeAt(start))) start++
    let end = endOfValue(text, start)
    if (text.charCodeAt(end) !== cr || text.charCodeAt(end + 1) !== lf) return `an invalid value of ${name.lower}`
    at = end + 2
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--
    const value = text.slice(start, end)

    switch (name.treatment) {
      case treat.keep:
        if (fields.push(name.lower, value) > maxFields * 2) return `more than ${maxFields} fields`
        break
      case treat.contentLength:
        if (!digits.test(value)) return 'an invalid content-length'
        if (contentLength !== null && contentLength !== value) return 'several content-lengths'
        contentLength = value
        break
      case treat.transferEncoding:
        codings += 1
        chunked = value.toLowerCase() === 'chunked'
        break
      case treat.connection:
        options = options === null ? value : `${options},${value}`
        break
      case treat.upgrade:
        upgrade = upgrade === null ? value : `${upgrade}, ${value}`
        break
      case treat.keepAlive:
        keepAlive = value
        break
    }
  }

  if (codings > 0) {
    if (contentLength !== null) return 'both content-length and transfer-encoding'
    if (codings > 1 || !chunked) return 'a transfer coding other than chunked'
    // RFC 9112 section 6.1: the framing of such a message is faulty.
    if (minor === 0) return 'a transfer coding in HTTP/1.0'
  }
  const connection = options === null ? noOptions : readOptions(options)
  return {
    status,
    headers: connection.named === null ? fields : without(fields, connection.named),
    contentLength: contentLength === null ? null : Number(contentLength),
    chunked,
    keepsAlive: !connection.close && (minor === 1 || connection.keepAlive),
    keepAliveMs: keepAlive === null ? null : readKeepAlive(keepAlive),
    upgrade: connection.upgrade ? upgrade : null,
  }
}

/** The minor version, -1 for anything else than `HTTP/1.0 ` and `HTTP/1.1 `. */
function readVersion(text: string): number {
  if (!text.startsWith('HTTP/1.') || text.charCodeAt(8) !== space) return -1
  const minor = text.charCodeAt(7) - 0x30
  return minor === 0 || minor === 1 ? minor : -1
}

function readStatus(text: string): number {
  const hundreds = text.charCodeAt(9) - 0x30
  const tens = text.charCodeAt(10) - 0x30
  const ones = text.charCodeAt(11) - 0x30
  if (!(hundreds >= 1 && hundreds <= 5 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return -1
  // The blank after the status is often left out where no reason follows; nothing can be misread by it.
  const after = text.charCodeAt(12)
  return after === space || after === cr ? hundreds * 100 + tens * 10 + ones : -1
}

/** Where the next line starts, -1 when this one holds what no line may hold. */
function endOfLine(text: string, from: number): number {
  const at = endOfValue(text, from)
  return text.charCodeAt(at) === cr && text.charCodeAt(at + 1) === lf ? at + 2 : -1
}

function without(fields: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    if (!names.includes(fields[i] as string)) kept.push(fields[i] as string, fields[i + 1] as string)
  }
  return kept
}

function readKeepAlive(value: string): number | null {
  const seconds = keepAliveTimeout.exec(value)?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}
