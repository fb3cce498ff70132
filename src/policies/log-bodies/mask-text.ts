import type { Mask, Masked } from './mask.ts'

/** Hides secrets in plain text. Of a text that was cut off, the end is left out as far as it may be half a secret. */
export function maskText(text: string, ended: boolean, mask: Mask): Masked {
  if (ended) return { text: mask.hideIn(text), covers: 'all' }
  return { text: mask.hideIn(text.slice(0, endOfKnown(text))), covers: 'start' }
}

/** Before the last word, and before the digits in front of it: card numbers are written in groups. */
function endOfKnown(text: string): number {
  let end = text.length
  while (end > 0 && !isSpace(text.charCodeAt(end - 1))) end--
  while (end > 0 && isGroup(text.charCodeAt(end - 1))) end--
  return end
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function isGroup(code: number): boolean {
  return isSpace(code) || code === 0x2d || (code >= 0x30 && code <= 0x39)
}
