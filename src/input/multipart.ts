import { parseMediaType } from './media-type.ts'

/** One part of a multipart body (RFC 7578). */
export interface Part {
  /** The form field's name. */
  readonly name: string
  /** Null for a plain field. */
  readonly fileName: string | null
  /** As declared, in lower case and without parameters; null where the part declares none. */
  readonly type: string | null
  readonly bytes: Uint8Array
}

export type Multipart =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly problem: string }

/** The most that the fields of one part take. */
const maxHeadBytes = 4096
const maxParts = 1000
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const boundaryText = /^[0-9A-Za-z'()+_,\-./:=? ]{1,70}$/
const disposition = /^form-data((?:\s*;\s*[a-z*]{1,20}=(?:"(?:[^"\\\r\n]|\\.){0,1000}"|[^\s;"]{1,200}))*)\s*$/i
const dispositionParameter = /;\s*([a-z*]{1,20})=(?:"((?:[^"\\\r\n]|\\.){0,1000})"|([^\s;"]{1,200}))/gi

/**
 * Reads a whole body, strictly: what servers are known to read differently (a part without a name, fields twice, bytes
 * before the first or behind the last boundary, bare line feeds, a `filename*` that differs) is a problem instead of a guess.
 */
export function parseMultipart(body: Uint8Array, boundary: string): Multipart {
  if (!boundaryText.test(boundary) || boundary.endsWith(' ')) return problem('the boundary is none')
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const first = delimiter.subarray(2)
  if (!bytes.subarray(0, first.length).equals(first)) return problem('the body does not begin with its boundary')
  const parts: Part[] = []
  let at = first.length
  for (;;) {
    const mark = bytes.toString('latin1', at, at + 2)
    if (mark === '--') {
      const rest = bytes.toString('latin1', at + 2, at + 5)
      return rest === '' || rest === '\r\n' ? { ok: true, parts } : problem('something follows the last boundary')
    }
    if (mark !== '\r\n') return problem('a boundary is followed by something else than a line end')
    if (parts.length === maxParts) return problem(`the body has more than ${maxParts} parts`)
    const end = bytes.indexOf(delimiter, at)
    if (end === -1) return problem('the body ends before its last boundary')
    if (holdsBoundary(bytes.subarray(at + 2, end), first)) return problem('a line of a part begins with the boundary')
    const part = readPart(bytes.subarray(at + 2, end))
    if (typeof part === 'string') return problem(part)
    parts.push(part)
    at = end + delimiter.length
  }
}

/** Whether some server would see a boundary where there is none: PHP and others take any line end before it. */
function holdsBoundary(part: Buffer, boundary: Buffer): boolean {
  for (let at = part.indexOf(boundary); at !== -1; at = part.indexOf(boundary, at + 1)) {
    const before = part[at - 1]
    if (at === 0 || before === 0x0a || before === 0x0d) return true
  }
  return false
}

/** The part, or in words why it is none. */
function readPart(bytes: Buffer): Part | string {
  const blank = bytes.subarray(0, maxHeadBytes + 4).indexOf('\r\n\r\n')
  if (blank === -1) return 'a part has no end of its fields'
  let named: { name: string; fileName: string | null } | null = null
  let type: string | null = null
  const head = decodeUtf8(bytes.subarray(0, blank))
  if (head === null) return 'the fields of a part are not UTF-8'
  for (const line of head.split('\r\n')) {
    // A server that ends lines at one of them would find another field behind it.
    if (/[\r\n\0]/.test(line)) return 'a field of a part holds a control character'
    const colon = line.indexOf(':')
    const field = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (colon < 1 || !/^[a-z0-9-]+$/.test(field)) return 'a part has a field that is none'
    if (field === 'content-disposition') {
      if (named !== null) return 'a part has `Content-Disposition` twice'
      named = readDisposition(value)
      if (named === null) return 'a part has no name that can be read'
    } else if (field === 'content-type') {
      if (type !== null) return 'a part has `Content-Type` twice'
      type = parseMediaType(value)?.essence ?? null
      if (type === null) return 'a part has a `Content-Type` that is none'
    } else if (field === 'content-transfer-encoding' && !/^(?:7bit|8bit|binary)$/i.test(value)) {
      return 'a part has a transfer encoding'
    }
  }
  if (named === null) return 'a part has no `Content-Disposition`'
  return { ...named, type, bytes: bytes.subarray(blank + 4) }
}

function readDisposition(value: string): { name: string; fileName: string | null } | null {
  const [, parameters] = disposition.exec(value) ?? []
  if (parameters === undefined) return null
  let name: string | null = null
  let fileName: string | null = null
  let extended: string | null = null
  for (const [, key = '', quoted, plain = ''] of parameters.matchAll(dispositionParameter)) {
    const text = quoted === undefined ? plain : quoted.replace(/\\(["\\])/g, '$1')
    const lower = key.toLowerCase()
    if (lower === 'name' && name === null) name = text
    else if (lower === 'filename' && fileName === null) fileName = text
    else if (lower === 'filename*' && extended === null) extended = text
    else return null
  }
  // Some servers take `filename*` and some do not (RFC 7578 section 4.2), so it has to say the same; .NET sends both.
  if (extended !== null && extended.toLowerCase() !== `utf-8''${encodeURIComponent(fileName ?? '')}`.toLowerCase())
    return null
  return name === null ? null : { name, fileName }
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function problem(text: string): Multipart {
  return { ok: false, problem: text }
}
