import type { Exchange } from '../core/exchange.ts'
import type { Fields } from '../core/fields.ts'
import { parseJsonBody } from '../core/json-body.ts'
import { parseContentCoding } from './content-coding.ts'
import { decodeBody } from './decode-body.ts'
import { type MediaType, parseMediaType, toBodyKind } from './media-type.ts'
import { type Part, parseMultipart } from './multipart.ts'
import { type Pair, parsePairs } from './pairs.ts'

/** A request's body, read as its `Content-Type` says. `type` is the media type's essence. */
export type BodyInput =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly type: string; readonly value: unknown; readonly bytes: Uint8Array }
  | { readonly kind: 'form'; readonly type: string; readonly pairs: readonly Pair[]; readonly bytes: Uint8Array }
  | { readonly kind: 'multipart'; readonly type: string; readonly parts: readonly Part[]; readonly bytes: Uint8Array }
  | { readonly kind: 'text' | 'xml'; readonly type: string; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: 'binary'; readonly type: string; readonly bytes: Uint8Array }
  /** It cannot be told for certain what an upstream would read. */
  | { readonly kind: 'unreadable'; readonly problem: string }

const none: BodyInput = Object.freeze({ kind: 'none' })
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a body that was collected; see `readInput`. It takes a turn of the event loop only where it is compressed. */
export function readBody({ body, headers }: Exchange, maxDecodedBytes: number): BodyInput | Promise<BodyInput> {
  const { bytes } = body
  return bytes === null ? unreadable('the body was not collected') : readBytes(headers, bytes, maxDecodedBytes)
}

/** The same of an answer, or of any bytes with the fields that describe them. */
export function readBytes(headers: Fields, bytes: Uint8Array, maxDecodedBytes: number): BodyInput | Promise<BodyInput> {
  if (bytes.length === 0) return none
  const types = headers.all('content-type')
  const type = types.length === 1 ? parseMediaType(types[0] as string) : null
  if (type === null) return unreadable(types.length === 0 ? 'no Content-Type' : 'the Content-Type cannot be read')
  const encoding = headers.all('content-encoding').join(',')
  if (parseContentCoding(encoding).kind === 'none') return readAs(type, bytes)
  return decodeBody(bytes, encoding, maxDecodedBytes).then((decoded) =>
    decoded.ok ? readAs(type, decoded.bytes) : unreadable(decoded.problem),
  )
}

function readAs({ essence, parameters }: MediaType, bytes: Uint8Array): BodyInput {
  const kind = toBodyKind(essence)
  if (kind === 'binary') return { kind, type: essence, bytes }
  const charset = parameters.get('charset')?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8') return unreadable('the charset is not UTF-8')
  if (kind === 'multipart') {
    const others = [...parameters.keys()].filter((name) => name !== 'boundary' && name !== 'charset')
    // PHP takes the first `boundary` it finds, be it inside the value of another parameter.
    if (others.length > 0) return unreadable('the Content-Type has parameters beside the boundary')
    const read = parseMultipart(bytes, parameters.get('boundary') ?? '')
    return read.ok ? { kind, type: essence, parts: read.parts, bytes } : unreadable(read.problem)
  }
  if (kind === 'json') {
    const read = parseJsonBody(bytes)
    return read.ok ? { kind, type: essence, value: read.value, bytes } : unreadable(read.problem)
  }
  const text = decodeText(bytes)
  if (text === null) return unreadable('the body is not UTF-8')
  if (kind !== 'form') return { kind, type: essence, text, bytes }
  const read = parsePairs(text)
  return read.ok ? { kind, type: essence, pairs: read.pairs, bytes } : unreadable(read.problem)
}

function decodeText(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function unreadable(problem: string): BodyInput {
  return { kind: 'unreadable', problem }
}
