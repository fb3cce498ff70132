export const tab = 0x09
export const lf = 0x0a
export const cr = 0x0d
export const space = 0x20

/** RFC 9110 section 5.6.2: token. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
export const tokenOctets = new Uint8Array(256)

/** RFC 9110 section 5.5: HTAB, SP, VCHAR and obs-text. */
export const valueOctets = new Uint8Array(256)

for (let octet = 0; octet < 256; octet++) {
  if (token.test(String.fromCharCode(octet))) tokenOctets[octet] = 1
  if (octet === tab || (octet >= space && octet !== 0x7f)) valueOctets[octet] = 1
}

const value = /[\t\x20-\x7e\x80-\xff]*/y

/** Where the octets end that a value may hold. An expression is three times as fast as a loop over a long credential. */
export function endOfValue(text: string, from: number): number {
  value.lastIndex = from
  value.test(text)
  return value.lastIndex
}

/** Whether latin1 can carry it, too: U+010A would leave as a line feed. */
export function isValue(text: string): boolean {
  return endOfValue(text, 0) === text.length
}

export function isBlank(code: number): boolean {
  return code === space || code === tab
}

export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}
