import { maxHeadBytes, type PartHead, readPartHead } from './part-head.ts'

/** One part of a multipart body. */
export interface Part extends PartHead {
  readonly bytes: Uint8Array
}

export type Multipart =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly problem: string }

const maxParts = 1000
const boundaryText = /^[0-9A-Za-z'()+_,\-./:=? ]{1,70}$/

/** Whether a text may be a boundary (RFC 2046 section 5.1.1). */
export function isBoundary(text: string): boolean {
  return boundaryText.test(text) && !text.endsWith(' ')
}

/**
 * Reads a whole body, strictly: what servers are known to read differently (a part without a name, fields twice, bytes
 * before the first or behind the last boundary, bare line feeds, a `filename*` that differs) is a problem instead of a guess.
 */
export function parseMultipart(body: Uint8Array, boundary: string): Multipart {
  if (!isBoundary(boundary)) return problem('the boundary is none')
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
export function holdsBoundary(part: Buffer, boundary: Buffer): boolean {
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
  const head = readPartHead(bytes.subarray(0, blank))
  return typeof head === 'string' ? head : { ...head, bytes: bytes.subarray(blank + 4) }
}

function problem(text: string): Multipart {
  return { ok: false, problem: text }
}
