import { type JsonObject, parseUniqueJson } from './unique-json.ts'

/** Longer tokens are refused unread: they would not fit into common header limits anyway. */
export const maxTokenLength = 8192

/** A token that was read, not believed. */
export interface CompactToken {
  readonly text: string
  readonly algorithm: string
  readonly keyId: string | null
  /** In lower case without `application/` (RFC 7515 section 4.1.9); null where the header has none. */
  readonly type: string | null
  /** As it stands there. Nothing in it says where a key is to be had. */
  readonly header: JsonObject
  readonly claims: JsonObject
}

export interface Unreadable {
  readonly unreadable: 'token_malformed' | 'token_too_large' | 'token_header'
  readonly detail: string
}

const maxKeyIdLength = 256

/** Whether a text has the three parts of a compact JWS: what has not may be a credential of another kind. */
export function looksLikeToken(text: string): boolean {
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  return first !== -1 && second !== -1 && text.indexOf('.', second + 1) === -1
}

/** Reads the compact form strictly (RFC 7515 section 7.1): three canonical base64url parts and nothing else. */
export function parseCompactToken(text: string): CompactToken | Unreadable {
  if (text.length > maxTokenLength) return unreadable('token_too_large', `${text.length} characters`)
  const parts = text.split('.')
  const [headerPart = '', claimsPart = '', signaturePart = ''] = parts
  if (parts.length !== 3 || signaturePart === '' || decode(signaturePart) === null) {
    return unreadable('token_malformed', 'not three parts of base64url')
  }
  const header = decodeJson(headerPart)
  const claims = decodeJson(claimsPart)
  if (header === null || claims === null) {
    return unreadable(
      'token_malformed',
      `the ${header === null ? 'header' : 'payload'} is no JSON object of unique members`,
    )
  }
  return readHeader(text, header, claims)
}

/**
 * Reads what is used of the header. `jku`, `x5u`, `x5c` and `jwk` are not: keys come from the configured issuer alone
 * (RFC 8725 section 3.10).
 */
function readHeader(text: string, header: JsonObject, claims: JsonObject): CompactToken | Unreadable {
  const { alg, kid, typ } = header
  if (typeof alg !== 'string') return unreadable('token_header', '`alg` is missing or no text')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKeyIdLength)) {
    return unreadable('token_header', '`kid` is no text or too long')
  }
  if (typ !== undefined && typeof typ !== 'string') return unreadable('token_header', '`typ` is no text')
  // No extension is understood here, so none that demands to be understood is accepted (RFC 7515 section 4.1.11).
  if ('crit' in header || 'b64' in header) return unreadable('token_header', 'it demands an extension')
  return { text, algorithm: alg, keyId: kid ?? null, type: typ === undefined ? null : toMediaType(typ), header, claims }
}

function toMediaType(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

function decodeJson(part: string): JsonObject | null {
  const bytes = decode(part)
  return bytes === null ? null : parseUniqueJson(bytes)
}

/** Exactly one spelling of the same bytes is taken: no padding, white space, other alphabet or stray bits. */
function decode(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : null
}

function unreadable(reason: Unreadable['unreadable'], detail: string): Unreadable {
  return { unreadable: reason, detail }
}
