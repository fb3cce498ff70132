import type { Find } from './span.ts'

const begin = /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----/g
const end = /-----END [A-Z0-9 ]{0,48}-----/g
/** How far an end is looked for: keys are shorter. */
export const maxKeyLength = 64 * 1024
/** The longest end of a key. */
export const endLength = 72

/** PEM blocks of private keys (RFC 7468), up to their end or as far as they go. */
export const findPrivateKeys: Find = (text, spans) => {
  let closed = 0
  begin.lastIndex = 0
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    // An end is looked for once, however many beginnings stand before it.
    if (closed < begin.lastIndex) {
      end.lastIndex = begin.lastIndex
      closed = end.test(text) ? end.lastIndex : text.length
    }
    const at = Math.min(closed, found.index + maxKeyLength)
    spans.push({ start: found.index, end: at })
    begin.lastIndex = at
  }
}

/** Where a key that goes on behind a cut ends; -1 where it goes on. */
export function endOfKey(text: string): number {
  end.lastIndex = 0
  return end.test(text) ? end.lastIndex : -1
}
