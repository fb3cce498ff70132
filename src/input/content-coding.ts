/** Codings whose output can be counted. */
export const knownCodings = ['gzip', 'deflate', 'br', 'zstd'] as const

export type Coding = (typeof knownCodings)[number]

/** What a `Content-Encoding` field says. */
export type ContentCoding =
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly coding: Coding }
  | { readonly kind: 'unknown'; readonly name: string }
  /** Several codings one on top of the other: an upstream may undo fewer of them than were counted here. */
  | { readonly kind: 'stacked' }

const none: ContentCoding = Object.freeze({ kind: 'none' })
const stacked: ContentCoding = Object.freeze({ kind: 'stacked' })

/** Reads the field's value (RFC 9110 section 8.4): names compare without case, `x-gzip` is `gzip`. */
export function parseContentCoding(value: string): ContentCoding {
  const names = value
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  const [first] = names
  if (first === undefined) return none
  if (names.length > 1) return stacked
  const name = first === 'x-gzip' ? 'gzip' : first
  return isKnown(name) ? { kind: 'known', coding: name } : { kind: 'unknown', name }
}

function isKnown(name: string): name is Coding {
  return (knownCodings as readonly string[]).includes(name)
}
