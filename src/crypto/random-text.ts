import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
// Bytes from here on are thrown away: taken modulo 62 they would make the first letters more likely.
const unbiased = 256 - (256 % alphabet.length)

/** Random letters and digits, 5.95 bits each, from the system's generator (ASVS v5.0.0-11.5.1). */
export function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length + 8)) {
      if (byte < unbiased && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

/** A whole number in base 62, with zeros in front up to `length`. */
export function toBase62(value: number, length: number): string {
  let text = ''
  for (let rest = value; rest > 0; rest = Math.floor(rest / alphabet.length)) {
    text = alphabet[rest % alphabet.length] + text
  }
  return text.padStart(length, '0')
}
