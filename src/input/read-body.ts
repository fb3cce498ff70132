import type { Exchange } from '../core/exchange.ts'
import type { Fields } from '../core/fields.ts'
import { parseJsonBody } from '../core/json-body.ts'
import { type Decoded, decodeBody } from './decode-body.ts'
import { type BodyKind, type MediaType, parseMediaType, toBodyKind } from './media-type.ts'
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

/**
 * Reads a body without its `Content-Encoding`; see `readInput`.
 * @param isScanned its JSON is known to be strict
 */
export function readBody({ headers }: Exchange, decoded: Decoded, isScanned: boolean): BodyInput {
  return readDecoded(headers, decoded, isScanned)
}

/** The same of an answer, or of any bytes with the fields that describe them. A promise only where they are unpacked. */
export function readBytes(headers: Fields, bytes: Uint8Array, maxDecodedBytes: number): BodyInput | Promise<BodyInput> {
  const decoded = decodeBody(bytes, headers.all('content-encoding').join(','), maxDecodedBytes)
  return decoded instanceof Promise
    ? decoded.then((one) => readDecoded(headers, one, false))
    : readDecoded(headers, decoded, false)
}

function readDecoded(headers: Fields, decoded: Decoded, isScanned: boolean): BodyInput {
  if (!decoded.ok) return unreadable(decoded.problem)
  if (decoded.bytes.length === 0) return none
  const type = readContentType(headers)
  if (type === null) return unreadable('no Content-Type that can be read')
  return readAs(type, decoded.bytes, isScanned)
}

/** Null where there is none, several, or one that cannot be read. */
export function readContentType(headers: Fields): MediaType | null {
  const [type, ...others] = headers.all('content-type')
  return type === undefined || others.length > 0 ? null : parseMediaType(type)
}

function readAs({ essence, parameters }: MediaType, bytes: Uint8Array, isScanned: boolean): BodyInput {
  const kind = toBodyKind(essence)
  if (kind === 'binary') return { kind, type: essence, bytes }
  const obstacle = findObstacle(kind, parameters)
  if (obstacle !== null) return unreadable(obstacle)
  if (kind === 'multipart') {
    const read = parseMultipart(bytes, parameters.get('boundary') ?? '')
    return read.ok ? { kind, type: essence, parts: read.parts, bytes } : unreadable(read.problem)
  }
  if (kind === 'json') {
    const read = parseJsonBody(bytes, isScanned)
    return read.ok ? { kind, type: essence, value: read.value, bytes } : unreadable(read.problem)
  }
  const text = decodeText(bytes)
  if (text === null) return unreadable('the body is not UTF-8')
  if (kind !== 'form') return { kind, type: essence, text, bytes }
  const read = parsePairs(text)
  return read.ok ? { kind, type: essence, pairs: read.pairs, bytes } : unreadable(read.problem)
}

/** What in a media type's parameters keeps a body from being read in one way only. */
export function findObstacle(kind: BodyKind, parameters: MediaType['parameters']): string | null {
  const charset = parameters.get('charset')?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && kind !== 'binary') return 'the charset is not UTF-8'
  // PHP takes the first `boundary` it finds, be it inside the value of another parameter.
  const isPlain = [...parameters.keys()].every((name) => name === 'boundary' || name === 'charset')
  return kind === 'multipart' && !isPlain ? 'the Content-Type has parameters beside the boundary' : null
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
