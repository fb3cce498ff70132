import type { KindName } from './kinds.ts'
import type { Found, Scan } from './scanner.ts'

/** What masks a body of a route for one caller. */
export interface Masking {
  readonly scan: Scan
  /** What stands in the place of a value; itself where the caller may see it. Called for each value once. */
  readonly hide: (kind: KindName, value: string) => string
}

/** A text with what was found in it hidden. */
export function maskText(text: string, { scan, hide }: Masking): string {
  const found = scan(text)
  return found.length === 0 ? text : replaceFound(text, found, hide)
}

/** The same for bytes, one character for each. */
export function maskBytes(text: string, { scan, hide }: Masking): string {
  const found = scan(text)
  return found.length === 0 ? text : replaceFound(text, found, (kind, value) => hideBytes(hide, kind, value))
}

export function hideBytes(hide: Masking['hide'], kind: KindName, value: string): string {
  return toBytes(hide(kind, fromBytes(value)))
}

export function replaceFound(text: string, found: readonly Found[], hide: Masking['hide']): string {
  let clean = ''
  let copied = 0
  for (const { start, end, kind } of found) {
    clean += text.slice(copied, start) + hide(kind, text.slice(start, end))
    copied = end
  }
  return clean + text.slice(copied)
}

/** UTF-8, one character for each byte → text. */
export function fromBytes(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

export function toBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
