/** Receives the 64 bits of a hash, so that hashing allocates nothing. */
export interface HashWords {
  low: number
  high: number
}

/**
 * HalfSipHash-2-4 with 64 bits of output over a string's UTF-16 code units in little-endian order. Keyed, so that whoever
 * does not know the key can neither foresee where a text lands nor find two that meet; made of 32-bit operations
 * only, which JavaScript has without BigInt.
 */
export function halfSipHash(key0: number, key1: number, text: string, out: HashWords): void {
  let v0 = key0
  let v1 = key1 ^ 0xee
  let v2 = 0x6c796765 ^ key0
  let v3 = 0x74656462 ^ key1
  const length = text.length
  const even = length & ~1
  // One word per turn, the length's last, then the two finalisations of four rounds each.
  for (let i = 0; i <= even; i += 2) {
    const word =
      i < even
        ? text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
        : (length << 25) | (length === even ? 0 : text.charCodeAt(even))
    v3 ^= word
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    v0 ^= word
  }
  v2 ^= 0xee
  for (let round = 0; round < 8; round++) {
    if (round === 4) {
      out.low = v1 ^ v3
      v1 ^= 0xdd
    }
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  out.high = v1 ^ v3
}
