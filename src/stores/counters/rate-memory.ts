import { randomFillSync } from 'node:crypto'

/** Slots of one bucket: 16 × 16 bytes, four cache lines that lie side by side. */
export const slotsPerBucket = 16
export const wordsPerSlot = 4

/** Words of the header, before the slots. */
export const headerWord = {
  magic: 0,
  buckets: 1,
  overflowBuckets: 2,
  /** Counts the threads that attached; each gets a number for its locks. */
  threads: 3,
  evictions: 4,
  overflows: 5,
  rejections: 6,
  seed: 8,
} as const

const headerWords = 64
const seedWords = 8
const magic = 0x52617465

/** The parts of a table's memory, as one thread sees them. */
export interface RateMemory {
  readonly header: Int32Array
  /** Slots of the keys' own entries. */
  readonly slots: Int32Array
  readonly overflowSlots: Int32Array
  /** One word per bucket, held while a key is put into it. */
  readonly locks: Int32Array
  readonly overflowLocks: Int32Array
  readonly seed: Uint8Array
}

/**
 * Allocates a table for about `maxKeys` keys: two slots per key, so that a bucket of 16 fills up for fewer than one key in a
 * thousand while the table holds that many, and an eighth more for overflow entries. The platform commits the pages
 * as they are touched.
 */
export function allocateRateMemory(maxKeys: number): SharedArrayBuffer {
  if (!Number.isSafeInteger(maxKeys) || maxKeys < 1) throw new RangeError(`maxKeys is ${maxKeys}; it must be 1 or more`)
  const buckets = Math.ceil((2 * maxKeys) / slotsPerBucket)
  const overflowBuckets = Math.ceil(buckets / 8)
  const memory = new SharedArrayBuffer(4 * (headerWords + (buckets + overflowBuckets) * (wordsPerBucket + 1)))
  const header = new Int32Array(memory, 0, headerWords)
  header[headerWord.buckets] = buckets
  header[headerWord.overflowBuckets] = overflowBuckets
  randomFillSync(header, headerWord.seed, seedWords)
  Atomics.store(header, headerWord.magic, magic)
  return memory
}

/** Opens memory that another thread may have allocated. */
export function openRateMemory(memory: SharedArrayBuffer): RateMemory {
  const header = new Int32Array(memory, 0, headerWords)
  if (Atomics.load(header, headerWord.magic) !== magic) throw new TypeError('this memory holds no rate table')
  const buckets = header[headerWord.buckets] as number
  const overflowBuckets = header[headerWord.overflowBuckets] as number
  let at = 4 * headerWords
  function part(words: number): Int32Array {
    const view = new Int32Array(memory, at, words)
    at += 4 * words
    return view
  }
  return {
    header,
    slots: part(buckets * wordsPerBucket),
    overflowSlots: part(overflowBuckets * wordsPerBucket),
    locks: part(buckets),
    overflowLocks: part(overflowBuckets),
    // A copy: hashes take no shared memory.
    seed: Uint8Array.from(new Uint8Array(memory, 4 * headerWord.seed, 4 * seedWords)),
  }
}

const wordsPerBucket = slotsPerBucket * wordsPerSlot
