/*
 * Names are compared by 64 bits of a hash whose multipliers are secret and new in each process. Equal names are always
 * found; that two different ones are taken for equal is as unlikely as guessing a key of 40 bits, and costs a refusal.
 * Bytes are taken in pairs, each half of the hash with another one of them above: what differs in the upper bits alone
 * is multiplied into few bits only.
 */
const [seedOne, seedTwo, randomOne, randomTwo] = crypto.getRandomValues(new Int32Array(4)) as unknown as [
  number,
  number,
  number,
  number,
]
export const hashSeeds = { one: seedOne, two: seedTwo } as const
export const hashFactors = { one: randomOne | 1, two: randomTwo | 1 } as const
/** Stands above a last byte that has no second one. */
export const lastByte = 0x10000

/** Objects with fewer members are searched one by one. */
const fewMembers = 48
/** Room for more than so many names is given back. */
const keptNames = 4096
/** Bits of the filter, as many as an `Int32Array` of 32 holds. */
const filterBits = 0x3ff
/** No honest names are this crowded in a table that is half empty. */
const longestProbe = 256

/** The hashes of a name, as `JsonStrings` makes them. */
export function hashName(name: string): readonly [one: number, two: number] {
  const bytes = new TextEncoder().encode(name)
  let { one, two } = hashSeeds
  for (let at = 0; at < bytes.length; at += 2) {
    const first = bytes[at] as number
    const second = bytes[at + 1]
    one = Math.imul(one ^ (second === undefined ? lastByte | first : first | (second << 8)), hashFactors.one)
    two = Math.imul(two ^ (second === undefined ? lastByte | first : (first << 8) | second), hashFactors.two)
  }
  return [one, two]
}

/**
 * The names in every object that is open, as a stack: an object's names begin where it found the stack at its opening.
 * Holds 8 bytes for each name, and 8 to 16 more in large objects.
 */
export class JsonNames {
  size = 0
  #one = new Int32Array(64)
  #two = new Int32Array(64)
  /** Places in the stack plus one, by hash; 0 is empty. Only names of large objects stand here. */
  #table = new Int32Array(0)
  #tabled = 0
  /** A bit for each hash of the document: where a name sets a new one, no name before it can be the same. */
  readonly #filter = new Int32Array(32)

  /** Adds a name to the innermost object, whose names begin at `base`; false where it has that name already. */
  add(base: number, one: number, two: number): boolean {
    const { size } = this
    if (size === this.#one.length) this.#grow()
    const ones = this.#one
    const twos = this.#two
    ones[size] = one
    twos[size] = two
    this.size = size + 1
    const count = size - base
    if (count < fewMembers) {
      if (this.#isNew(two)) return true
      for (let i = base; i < size; i++) if (ones[i] === one && twos[i] === two) return false
      return true
    }
    if (count === fewMembers) for (let i = base; i < size; i++) this.#insert(i, base)
    return this.#insert(size, base)
  }

  /** Forgets everything, and what memory a large document took. */
  restart(): void {
    this.#filter.fill(0)
    this.size = 0
    if (this.#one.length > keptNames) {
      this.#one = new Int32Array(64)
      this.#two = new Int32Array(64)
    }
    if (this.#table.length > keptNames) this.#table = new Int32Array(0)
    else if (this.#tabled > 0) this.#table.fill(0)
    this.#tabled = 0
  }

  /** Forgets the names of the innermost object. */
  close(base: number): void {
    if (this.size - base > fewMembers) {
      // What was put in last goes first, so that every probe finds what it found before.
      for (let i = this.size - 1; i >= base; i--) this.#table[this.#slotOf(i)] = 0
      this.#tabled -= this.size - base
    }
    this.size = base
  }

  #isNew(hash: number): boolean {
    const filter = this.#filter
    const bit = (hash >>> 7) & filterBits
    const word = filter[bit >>> 5] as number
    filter[bit >>> 5] = word | (1 << bit)
    return ((word >>> bit) & 1) === 0
  }

  #insert(at: number, base: number): boolean {
    if (++this.#tabled * 2 > this.#table.length) this.#enlarge()
    const mask = this.#table.length - 1
    let slot = this.#firstSlot(at)
    for (let probes = 0; probes < longestProbe; probes++) {
      const entry = this.#table[slot] as number
      if (entry === 0) {
        this.#table[slot] = at + 1
        return true
      }
      if (entry > base && this.#one[entry - 1] === this.#one[at] && this.#two[entry - 1] === this.#two[at]) return false
      slot = (slot + 1) & mask
    }
    return false
  }

  #slotOf(at: number): number {
    const mask = this.#table.length - 1
    let slot = this.#firstSlot(at)
    while (this.#table[slot] !== at + 1) slot = (slot + 1) & mask
    return slot
  }

  #firstSlot(at: number): number {
    const mixed = Math.imul((this.#one[at] as number) ^ ((this.#two[at] as number) >>> 15), 0x9e3779b1)
    return (mixed ^ (mixed >>> 16)) & (this.#table.length - 1)
  }

  #grow(): void {
    const length = this.#one.length * 2
    const [one, two] = [this.#one, this.#two]
    this.#one = new Int32Array(length)
    this.#two = new Int32Array(length)
    this.#one.set(one)
    this.#two.set(two)
  }

  #enlarge(): void {
    const old = this.#table
    this.#table = new Int32Array(Math.max(256, old.length * 2))
    const mask = this.#table.length - 1
    // In the order of the stack, so that `close` may take them out in reverse.
    for (const entry of old.filter((one) => one !== 0).sort()) {
      let slot = this.#firstSlot(entry - 1)
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask
      this.#table[slot] = entry
    }
  }
}
