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
