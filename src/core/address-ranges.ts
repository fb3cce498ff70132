/** An address as words: four octets, or the eight 16-bit parts of IPv6. */
export type Words = readonly number[]

/** Networks of one address family, compiled for lookups. */
export interface AddressRanges {
  includes(address: Words): boolean
  /** True where the whole network lies within. */
  covers(base: Words, prefix: number): boolean
}

interface Range {
  readonly first: bigint
  readonly last: bigint
}

/** Compiles networks to sorted ranges that do not touch: a lookup is a binary search and allocates nothing. */
export function createAddressRanges(
  family: 'ipv4' | 'ipv6',
  networks: readonly (readonly [base: Words, prefix: number])[],
): AddressRanges {
  const width = family === 'ipv4' ? 4 : 8
  const wordBits = family === 'ipv4' ? 8 : 16
  const ranges = mergeRanges(networks.map(([base, prefix]) => toRange(base, prefix, wordBits)))
  const firsts = Uint16Array.from(ranges.flatMap(({ first }) => toWords(first, width, wordBits)))
  const lasts = Uint16Array.from(ranges.flatMap(({ last }) => toWords(last, width, wordBits)))

  return {
    includes(address) {
      // Finds the last range that begins at or before the address; no other can hold it.
      let low = 0
      let high = ranges.length - 1
      while (low <= high) {
        const middle = (low + high) >> 1
        if (compareAt(firsts, middle * width, address) <= 0) low = middle + 1
        else high = middle - 1
      }
      return high !== -1 && compareAt(lasts, high * width, address) >= 0
    },
    covers(base, prefix) {
      const { first, last } = toRange(base, prefix, wordBits)
      return ranges.some((range) => range.first <= first && last <= range.last)
    },
  }
}

function toRange(base: Words, prefix: number, wordBits: number): Range {
  const hostBits = BigInt(base.length * wordBits - prefix)
  const value = base.reduce((sum, word) => (sum << BigInt(wordBits)) | BigInt(word), 0n)
  const first = (value >> hostBits) << hostBits
  return { first, last: first + (1n << hostBits) - 1n }
}

/** Adjacent ranges are joined too, so that two halves cover the whole. */
function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = []
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const before = merged.at(-1)
    if (before === undefined || range.first > before.last + 1n) merged.push(range)
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last }
  }
  return merged
}

function toWords(value: bigint, width: number, wordBits: number): number[] {
  return Array.from({ length: width }, (_, i) =>
    Number((value >> BigInt((width - 1 - i) * wordBits)) & ((1n << BigInt(wordBits)) - 1n)),
  )
}

function compareAt(flat: Uint16Array, start: number, words: Words): number {
  for (let i = 0; i < words.length; i++) {
    const difference = (flat[start + i] as number) - (words[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}
