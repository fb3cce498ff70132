/** Reused between calls: the text in UTF-16. It is never longer than what it is made from. */
let units = new Uint16Array(4096)

const percent = 0x25
const backslash = 0x5c
const ampersand = 0x26

/**
 * Undoes one layer of `%41`, `%u0041`, `\u0041`, `\x41`, `&#65;` and of full-width forms, also of UTF-8 that is longer
 * than it may be (RFC 3629 section 3). Characters that nobody sees are left out. Named entities stay: text that says
 * `&lt;b&gt;` is text about markup.
 */
export function undoEscapes(text: string): string {
  if (units.length < text.length) units = new Uint16Array(text.length)
  let [from, to] = [0, 0]
  let changed = false
  while (from < text.length) {
    const code = text.charCodeAt(from)
    const found = code === percent || code === backslash || code === ampersand ? readEscape(text, from, code) : null
    const read = found ?? fold(text, from, code)
    if (found !== null || read !== code) changed = true
    from += found === null ? 1 : escapeLength
    if (read > 0xffff) {
      units[to++] = 0xd800 + ((read - 0x10000) >> 10)
      units[to++] = 0xdc00 + ((read - 0x10000) & 0x3ff)
    } else if (read === 0xfeff || read === 0x200b) changed = true
    else units[to++] = read
  }
  return changed ? Buffer.from(units.buffer, 0, to * 2).toString('utf16le') : text
}

/** How many characters the escape takes that was read last. */
let escapeLength = 0

function readEscape(text: string, at: number, code: number): number | null {
  if (code === percent) return readPercent(text, at)
  if (code === ampersand) return readEntity(text, at)
  const kind = text.charCodeAt(at + 1) | 0x20
  if (kind === 0x75) return readHex(text, at + 2, 4, 6)
  return kind === 0x78 ? readHex(text, at + 2, 2, 4) : null
}

function readPercent(text: string, at: number): number | null {
  if ((text.charCodeAt(at + 1) | 0x20) === 0x75) return readHex(text, at + 2, 4, 6)
  const first = readByte(text, at)
  if (first < 0) return null
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0
  let value = more === 0 ? first : first & (0x3f >> more)
  for (let i = 1; i <= more; i++) {
    const next = readByte(text, at + 3 * i)
    // A sequence that is cut off is a byte of some other character set.
    if (next < 0 || next >> 6 !== 2) {
      escapeLength = 3
      return first
    }
    value = (value << 6) | (next & 0x3f)
  }
  escapeLength = 3 * (more + 1)
  return value > 0x10ffff ? 0xfffd : foldCode(value)
}

function readByte(text: string, at: number): number {
  return text.charCodeAt(at) === percent ? (digit(text, at + 1) << 4) | digit(text, at + 2) : -1
}

function readHex(text: string, at: number, digits: number, length: number): number | null {
  let value = 0
  for (let i = 0; i < digits; i++) value = (value << 4) | digit(text, at + i)
  if (value < 0) return null
  escapeLength = length
  return foldCode(value)
}

/** `&#39;` and `&#x27;`, with any number of zeros before and, as browsers do, with or without `;`. */
function readEntity(text: string, at: number): number | null {
  if (text.charCodeAt(at + 1) !== 0x23) return null
  const isHex = (text.charCodeAt(at + 2) | 0x20) === 0x78
  const start = at + (isHex ? 3 : 2)
  let end = start
  let value = 0
  for (; ; end++) {
    const one = digit(text, end)
    if (one < 0 || (!isHex && one > 9)) break
    if (value <= 0x10ffff) value = value * (isHex ? 16 : 10) + one
  }
  if (end === start) return null
  escapeLength = end - at + (text.charCodeAt(end) === 0x3b ? 1 : 0)
  return value > 0x10ffff ? 0xfffd : foldCode(value)
}

/** −1 where it is none, which no shift makes positive. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function fold(text: string, at: number, code: number): number {
  // Truncated to a byte these are CR and LF; beside each other they are nothing else.
  if (code === 0x560d || code === 0x560a) {
    const isPair = isLineEnd(text.charCodeAt(at - 1)) || isLineEnd(text.charCodeAt(at + 1))
    return isPair ? code & 0xff : code
  }
  return foldCode(code)
}

const isLineEnd = (code: number) => code === 0x560d || code === 0x560a

function foldCode(code: number): number {
  return code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code
}
