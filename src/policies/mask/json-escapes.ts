import { toBytes } from './masking.ts'

const plain: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const high = /^[dD][89abAB]/
const low = /^\\u[dD][c-fC-F][\da-fA-F]{2}/

/**
 * A part of a JSON text without its escapes, as bytes of one character each, up to an escape that is cut off. Half a
 * surrogate pair, which is no character, becomes the sign for one.
 */
export function undoJsonEscapes(part: string, isLast: boolean): { readonly text: string; readonly taken: number } {
  let text = ''
  let copied = 0
  for (let at = part.indexOf('\\'); at !== -1; at = part.indexOf('\\', copied)) {
    text += part.slice(copied, at)
    copied = at
    const sign = part[at + 1] ?? ''
    const hex = part.slice(at + 2, at + 6)
    const isPair = sign === 'u' && high.test(hex)
    const length = sign === 'u' ? 6 : 2
    if (!isLast && part.length < at + (isPair ? 12 : length)) {
      if (part.length < at + length || '\\u'.startsWith(part.slice(at + 6, at + 8))) return { text, taken: at }
      if (low.test(`${part.slice(at + 6)}000`.slice(0, 6))) return { text, taken: at }
    }
    if (sign !== 'u') text += plain[sign] ?? sign
    else if (!/^[\da-fA-F]{4}$/.test(hex)) text += `\\u${hex}`
    else if (isPair && low.test(part.slice(at + 6, at + 12))) {
      text += toBytes(JSON.parse(`"${part.slice(at, at + 12)}"`) as string)
      copied = at + 12
      continue
    } else text += toBytes(String.fromCharCode(Number.parseInt(hex, 16)))
    copied = Math.min(part.length, at + length)
  }
  return { text: text + part.slice(copied), taken: part.length }
}

/** The same back, with the escapes that JSON asks for. */
export function toJsonEscapes(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** `4.1e3` and `4100.0` as an integer is written; null for what is none, or is long. */
export function toPlainInteger(token: string): string | null {
  const found = /^-?(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(token)
  if (found === null) return null
  const [, whole = '', fraction = '', exponent = '0'] = found
  const point = whole.length + Number(exponent)
  const digits = (whole + fraction).padEnd(Math.min(point, 40), '0')
  if (point < 1 || point > 40 || /[1-9]/.test(digits.slice(point))) return null
  return digits.slice(0, point).replace(/^0+/, '')
}
