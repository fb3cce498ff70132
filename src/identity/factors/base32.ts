const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** As apps take secrets that are typed (RFC 4648 section 6), without padding. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let [bits, value] = [0, 0]
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff
    bits += 8
    for (; bits >= 5; bits -= 5) text += alphabet[(value >> (bits - 5)) & 31]
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}
