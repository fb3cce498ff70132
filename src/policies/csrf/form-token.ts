import type { Refusal } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'

/** The most of a form that is read for its token. */
const maxFormBytes = 1024 * 1024
/** The most that the fields of one part take. */
const maxFieldBytes = 1024

/**
 * The value of one field of a form; null where the body is none or has no such field. The body is read whole, and goes
 * on as it came.
 */
export async function readFormToken(exchange: Exchange, field: string): Promise<string | null | Refusal> {
  const type = exchange.headers.get('content-type') ?? ''
  const [media = ''] = type.toLowerCase().split(';', 1)
  const isMultipart = media.trim() === 'multipart/form-data'
  if (!isMultipart && media.trim() !== 'application/x-www-form-urlencoded') return null
  if (exchange.headers.has('content-encoding')) return null
  const body = await exchange.body.collect(maxFormBytes)
  if ('kind' in body) return body
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return isMultipart ? readPart(bytes, type, field) : readPair(bytes, field)
}

/** The first of that name; another component may read another one, which then holds no token of ours. */
function readPair(body: Buffer, field: string): string | null {
  return new URLSearchParams(body.toString('latin1')).get(field)
}

/** RFC 7578: parts between `--boundary` lines, each with its fields, an empty line, and its value. */
function readPart(body: Buffer, type: string, field: string): string | null {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s"]{1,70}))/i.exec(type) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) return null
  const delimiter = Buffer.from(`--${boundary}`)
  let start = body.indexOf(delimiter)
  while (start !== -1) {
    const from = start + delimiter.length
    const end = body.indexOf(delimiter, from)
    if (end === -1) return null
    // Looked for near its beginning only, so that a body of nothing but boundaries is read once.
    const fields = body.subarray(from, Math.min(end, from + maxFieldBytes))
    const blank = fields.indexOf('\r\n\r\n')
    if (blank !== -1 && isNamed(fields.subarray(0, blank), field)) {
      const value = from + blank + 4
      return body.subarray(value, Math.max(value, end - 2)).toString('latin1')
    }
    start = end
  }
  return null
}

function isNamed(head: Buffer, field: string): boolean {
  const text = head.toString('latin1')
  return /content-disposition:\s*form-data/i.test(text) && text.includes(` name="${field}"`)
}
