import { slotsPerBucket, wordsPerSlot } from './rate-memory.ts'
import type { RateUnits } from './rate-units.ts'

/*
 * A slot is four words: the two of its key's hash, the TAT in units of its limit, and the tick after which it is drained.
 * The TAT word decides every race. It changes by compare-and-swap only, and a TAT that was given away never comes back,
 * so a swap that succeeds was computed from what is there. Ticks are the same for all limits: they tell which slots
 * may be given to another key, and that a TAT is past even when its word has wrapped.
 */
const high = 1
const tat = 2
const drained = 3

/** In the TAT word: the slot is being given to another key. */
const claimed = 0x80000000 | 0

/** Neither admitted nor refused: every slot of the bucket holds a key that is not drained. */
export const bucketFull = 0

const tickMs = 128
const spins = 500
const pollMs = 1
/** A lock is held for less than a microsecond; one held this long belongs to a thread that was ended. */
const abandonedMs = 1000

/** Buckets of slots in shared memory: where the counts are. */
export class RateSlots {
  readonly buckets: number
  readonly #slots: Int32Array
  readonly #locks: Int32Array
  readonly #thread: number
  #sequence = 0
  /** Slots that were taken from a drained key, since the last look. */
  evicted = 0

  /** @param thread a number that no other thread has */
  constructor(slots: Int32Array, locks: Int32Array, thread: number) {
    this.#slots = slots
    this.#locks = locks
    this.#thread = thread
    this.buckets = locks.length
  }

  bucketOf(low: number): number {
    return Math.floor(((low >>> 0) * this.buckets) / 2 ** 32)
  }

  /**
   * Takes `cost` units for the key whose hash is (`lowHash`, `highHash`). `now` is in milliseconds, on a clock that all
   * threads have in common.
   * @returns how far ahead the TAT is (admitted), how far it would have been as a negative number (refused), or
   *   `bucketFull`
   */
  take(lowHash: number, highHash: number, rate: RateUnits, cost: number, now: number): number {
    const bucket = this.bucketOf(lowHash)
    for (;;) {
      const slot = this.#find(bucket, lowHash, highHash)
      if (slot !== -1) {
        const outcome = this.#charge(slot, lowHash, highHash, rate, cost, now)
        if (outcome !== slotLost) return outcome
      } else if (this.#findDrained(bucket, highHash, now) === -1) {
        return bucketFull
      } else if (this.#insert(bucket, lowHash, highHash, rate, cost, now)) {
        return cost
      }
    }
  }

  /** Slots that are not drained, among every `stride`-th bucket. */
  countUndrained(stride: number, now: number): number {
    const slots = this.#slots
    const tick = toTick(now)
    let count = 0
    for (let bucket = 0; bucket < this.buckets; bucket += stride) {
      const first = bucket * slotsPerBucket * wordsPerSlot
      for (let i = 0; i < slotsPerBucket; i++)
        if ((slots[first + i * wordsPerSlot + drained] as number) >= tick) count++
    }
    return count
  }

  /** The slot of a key, -1 when it has none. A key's slots are tried from its own place on, so the first mostly fits. */
  #find(bucket: number, lowHash: number, highHash: number): number {
    const slots = this.#slots
    const first = bucket * slotsPerBucket * wordsPerSlot
    for (let i = 0; i < slotsPerBucket; i++) {
      const slot = first + ((highHash + i) & (slotsPerBucket - 1)) * wordsPerSlot
      if (slots[slot] !== lowHash || slots[slot + high] !== highHash) continue
      if (Atomics.load(slots, slot + tat) !== claimed) return slot
    }
    return -1
  }

  /** The slot of the bucket that has been drained for longest, an untouched one above all; -1 when none is. */
  #findDrained(bucket: number, highHash: number, now: number): number {
    const slots = this.#slots
    const first = bucket * slotsPerBucket * wordsPerSlot
    let oldest = toTick(now)
    let found = -1
    for (let i = 0; i < slotsPerBucket; i++) {
      const slot = first + ((highHash + i) & (slotsPerBucket - 1)) * wordsPerSlot
      const tick = slots[slot + drained] as number
      if (tick >= oldest || Atomics.load(slots, slot + tat) === claimed) continue
      oldest = tick
      found = slot
    }
    return found
  }

  #charge(slot: number, lowHash: number, highHash: number, rate: RateUnits, cost: number, now: number): number {
    const slots = this.#slots
    const tick = toTick(now)
    const nowUnits = toWord(now * rate.unitsPerMs)
    for (;;) {
      const before = Atomics.load(slots, slot + tat)
      if (
        before === claimed ||
        Atomics.load(slots, slot) !== lowHash ||
        Atomics.load(slots, slot + high) !== highHash
      ) {
        return slotLost
      }
      const lastTick = Atomics.load(slots, slot + drained)
      const ahead = lastTick < tick ? 0 : Math.max(0, (before - nowUnits) | 0)
      const after = ahead + cost
      if (after > rate.capacity) return -after
      // First the tick, then the TAT: at no moment may a slot look drained that is not.
      this.#raise(slot + drained, lastTick, toTick(now + after / rate.unitsPerMs))
      if (Atomics.compareExchange(slots, slot + tat, before, toTat(nowUnits + after)) === before) return after
    }
  }

  #raise(word: number, seen: number, tick: number): void {
    let present = seen
    while (present < tick) {
      const found = Atomics.compareExchange(this.#slots, word, present, tick)
      if (found === present) return
      present = found
    }
  }

  /** Puts a key into a drained slot and charges it. False when it is there already or no slot is left. */
  #insert(bucket: number, lowHash: number, highHash: number, rate: RateUnits, cost: number, now: number): boolean {
    // Only inserting takes the lock: without it, two threads could give one key two slots, and twice its limit.
    const lock = this.#lock(bucket)
    const inserted =
      this.#find(bucket, lowHash, highHash) === -1 &&
      this.#claim(this.#findDrained(bucket, highHash, now), lowHash, highHash, rate, cost, now)
    Atomics.compareExchange(this.#locks, bucket, lock, 0)
    return inserted
  }

  #claim(slot: number, lowHash: number, highHash: number, rate: RateUnits, cost: number, now: number): boolean {
    if (slot === -1) return false
    const slots = this.#slots
    const before = Atomics.load(slots, slot + tat)
    // Read after the TAT: whoever moved the one before this look has raised the other.
    const lastTick = Atomics.load(slots, slot + drained)
    if (before === claimed || lastTick >= toTick(now)) return false
    if (Atomics.compareExchange(slots, slot + tat, before, claimed) !== before) return false
    if (lastTick !== 0) this.evicted++
    Atomics.store(slots, slot, lowHash)
    Atomics.store(slots, slot + high, highHash)
    Atomics.store(slots, slot + drained, toTick(now + cost / rate.unitsPerMs))
    Atomics.store(slots, slot + tat, toTat(toWord(now * rate.unitsPerMs) + cost))
    return true
  }

  /** Waits for the bucket's lock and returns the value that it is held with. */
  #lock(bucket: number): number {
    const locks = this.#locks
    this.#sequence = (this.#sequence % 0xffff) + 1
    const own = (this.#thread << 16) | this.#sequence
    let holder = 0
    let waitedMs = 0
    for (let turn = 0; ; turn++) {
      const found = Atomics.compareExchange(locks, bucket, 0, own)
      if (found === 0) return own
      if (found !== holder) {
        holder = found
        waitedMs = 0
      }
      if (turn < spins) continue
      Atomics.wait(locks, bucket, found, pollMs)
      waitedMs += pollMs
      if (waitedMs >= abandonedMs && Atomics.compareExchange(locks, bucket, holder, own) === holder) return own
    }
  }
}

/** The slot was given to another key in between. No outcome of a take has this value: those are whole numbers. */
const slotLost = 0.5

/** Ticks begin at 2, so that an untouched slot (0) counts as drained. Eight years fit into the word. */
function toTick(now: number): number {
  return (Math.floor(now / tickMs) + 2) | 0
}

/** The low 32 bits of a number of units. */
function toWord(units: number): number {
  return Math.floor(units) | 0
}

function toTat(units: number): number {
  const word = units | 0
  // One unit later, where the exact value is the mark.
  return word === claimed ? claimed + 1 : word
}
