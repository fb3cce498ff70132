import { hidden } from './hidden.ts'

/** A longer name is known by its end. */
const maxNameLength = 64

/**
 * Hides what follows `name:` or `name=` up to the end of its line, because in a text without a form of its own nobody
 * knows where a value with spaces ends. Linear: no character is looked at twice on the way back from a sign.
 */
export function hideNamedValues(text: string, hides: (name: string) => boolean): string {
  let clean = ''
  let copied = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x3a && code !== 0x3d) continue
    const name = nameBefore(text, at, copied)
    if (name === '' || !hides(name)) continue
    const end = endOfLine(text, at + 1)
    if (text.slice(at + 1, end).trim() === '') continue
    clean += text.slice(copied, at + 1) + hidden
    copied = end
    at = end
  }
  return copied === 0 ? text : clean + text.slice(copied)
}

/** The name that a sign belongs to, with a quotation mark and spaces between them or without. */
function nameBefore(text: string, sign: number, from: number): string {
  let end = sign
  while (end > from && isBlank(text.charCodeAt(end - 1))) end--
  if (end > from && isQuote(text.charCodeAt(end - 1))) end--
  let start = end
  while (start > from && end - start < maxNameLength && isNamePart(text.charCodeAt(start - 1))) start--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27
}

/** Letters, digits, `-`, `.`, `_`, brackets, and whatever is not ASCII. */
function isNamePart(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true
  const lower = code | 0x20
  if (lower >= 0x61 && lower <= 0x7a) return true
  return code === 0x2d || code === 0x2e || code === 0x5b || code === 0x5d || code === 0x5f || code > 0x7f
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || code === 0x0d) return at
  }
  return text.length
}
