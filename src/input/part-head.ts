import { parseMediaType } from './media-type.ts'

/** What the fields of a part say (RFC 7578 section 4). */
export interface PartHead {
  /** The form field's name. */
  readonly name: string
  /** Null for a plain field. */
  readonly fileName: string | null
  /** As declared, in lower case and without parameters; null where the part declares none. */
  readonly type: string | null
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The most that the fields of one part take. */
export const maxHeadBytes = 4096

const disposition = /^form-data((?:\s*;\s*[a-z*]{1,20}=(?:"(?:[^"\\\r\n]|\\.){0,1000}"|[^\s;"]{1,1000}))*)\s*$/i
const dispositionParameter = /;\s*([a-z*]{1,20})=(?:"((?:[^"\\\r\n]|\\.){0,1000})"|([^\s;"]{1,1000}))/gi

/**
 * Reads the fields of a part, without the empty line that ends them; in words why it is none. What servers are known to
 * read differently (no name, fields twice, a `filename*` that differs, bare line feeds) is a problem instead of a guess.
 */
export function parsePartHead(bytes: Buffer): PartHead | string {
  let named: { name: string; fileName: string | null } | null = null
  let type: string | null = null
  const head = decodeUtf8(bytes)
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
      const media = parseMediaType(value)
      if (media === null) return 'a part has a `Content-Type` that is none'
      type = media.essence
      // Some servers read a field in the charset that its part declares, which is another text than the one that is judged.
      if (!/^(?:utf-?8|us-ascii)$/i.test(media.parameters.get('charset') ?? 'utf-8')) return 'a part is not in UTF-8'
    } else if (field === 'content-transfer-encoding' && !/^(?:7bit|8bit|binary)$/i.test(value)) {
      return 'a part has a transfer encoding'
    }
  }
  return named === null ? 'a part has no `Content-Disposition`' : { ...named, type }
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
