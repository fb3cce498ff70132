/*
 * The first pass: most values hold nothing that any detector starts from. One look at each character says which
 * detectors have to look at all.
 */

/** A quote: where text can leave a literal and become a program. */
export const mayBreak = 1
export const mayMarkup = 2
export const mayCommand = 4
export const mayPath = 8
export const mayTemplate = 16
export const mayLines = 32
/** Something that is written otherwise than it is meant: an escape, an entity, a wide form. */
export const mayEncode = 64
export const mayObject = 128
export const mayFilter = 256
export const mayAttribute = 512
export const mayAddress = 1024
/** An operator or a bracket, as queries have. */
export const mayQuery = 2048
/** A number stands first, which a query may go on from without a quote. */
export const mayNumber = 4096
/** A letter: alone it is nothing to look at, and without one there is no word of a query. */
export const hasLetter = 8192
/** What stands around the character decides. */
const depends = 16384

const table = new Uint16Array(128)
const mark = (characters: string, bits: number) => {
  for (const character of characters) {
    const code = character.charCodeAt(0)
    table[code] = (table[code] as number) | bits
  }
}
mark('\'"`', mayBreak)
mark(';=<>|&(#*+', mayQuery)
mark('<', mayMarkup | mayCommand)
mark('=', mayAttribute)
mark(':&', mayAddress)
mark(';|&`${\n\r', mayCommand)
mark('/\\', mayPath)
mark('{', mayTemplate | mayObject)
mark('$#@<%*[', mayTemplate)
mark('\r\n\u001b', mayLines)
mark('%\\\0', mayEncode)
mark('\0', mayPath)
mark('![\u0005', mayObject)
mark(')*', mayFilter)
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', hasLetter)
mark("'&", depends)

/** Every bit that may stand in the text. */
export function suspect(text: string): number {
  const { length } = text
  let bits = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 128) {
      const found = table[code] as number
      bits |= (found & depends) === 0 ? found : look(text, i, code, found)
    } else bits |= code >= 0x200b && isWide(code) ? mayEncode | hasLetter : hasLetter
  }
  return bits
}

function look(text: string, at: number, code: number, found: number): number {
  if (code === 0x27) return isApostrophe(text, at) ? 0 : mayBreak
  const isEntity = text.charCodeAt(at + 1) === 0x23
  return (found & ~depends) | (isEntity ? mayEncode : 0)
}

/** `O'Brien`, `men's`; the letters with which words begin that join conditions are looked at later. */
function isApostrophe(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1) | 0x20
  const after = text.charCodeAt(at + 1) | 0x20
  return before >= 0x61 && before <= 0x7a && after >= 0x61 && after <= 0x7a && !joins.includes(after)
}

const joins = Array.from('oaxulhg', (letter) => letter.charCodeAt(0))

/** Characters that programs are known to turn into ASCII: full-width forms, typographic primes, misread line ends. */
function isWide(code: number): boolean {
  return (code >= 0xff01 && code <= 0xff5e) || code === 0x560a || code === 0x560d || code === 0xfeff || code === 0x200b
}
