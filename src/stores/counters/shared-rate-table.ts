import { createHmac } from 'node:crypto'
import type { RateCounter, RateLimitSpec, RateTable, RateTableStats, TakeResult } from '../ports/rate-table.ts'
import { type HashWords, halfSipHash } from './half-sip-hash.ts'
import { headerWord, openRateMemory, slotsPerBucket } from './rate-memory.ts'
import { bucketFull, RateSlots } from './rate-slots.ts'
import { type RateUnits, toRateUnits } from './rate-units.ts'

/** Buckets that are looked at to estimate how full the table is. */
const sampledBuckets = 4096

/**
 * A rate table in memory that all threads share (see `allocateRateMemory`): exact across them, without a server.
 * Taking is synchronous, allocates nothing and never throws. Its time is `performance.now()`, which all threads of a
 * process count from the same moment and which no change of the wall clock moves.
 */
export function createSharedRateTable(
  memory: SharedArrayBuffer,
  now: () => number = () => performance.now(),
): RateTable {
  const { header, slots, overflowSlots, locks, overflowLocks, seed } = openRateMemory(memory)
  const thread = Atomics.add(header, headerWord.threads, 1) + 1
  const shared: Shared = {
    header,
    own: new RateSlots(slots, locks, thread),
    overflow: new RateSlots(overflowSlots, overflowLocks, thread),
    hash: { low: 0, high: 0 },
    result: { admitted: false, remaining: 0, waitMs: 0 },
  }

  return {
    open(spec) {
      return new SharedRateCounter(shared, toRateUnits(spec), deriveLimitKeys(seed, spec))
    },
    stats(): RateTableStats {
      const stride = Math.max(1, Math.floor(shared.own.buckets / sampledBuckets))
      const sampled = Math.ceil(shared.own.buckets / stride)
      const undrained = shared.own.countUndrained(stride, now())
      return {
        capacity: shared.own.buckets * slotsPerBucket,
        entries: Math.round((undrained * shared.own.buckets) / sampled),
        evictions: Atomics.load(header, headerWord.evictions) >>> 0,
        overflows: Atomics.load(header, headerWord.overflows) >>> 0,
        rejections: Atomics.load(header, headerWord.rejections) >>> 0,
      }
    },
  }
}

/** What the counters of one thread have in common. */
interface Shared {
  readonly header: Int32Array
  readonly own: RateSlots
  readonly overflow: RateSlots
  readonly hash: HashWords
  readonly result: { admitted: boolean; remaining: number; waitMs: number }
}

class SharedRateCounter implements RateCounter {
  readonly #shared: Shared
  readonly #rate: RateUnits
  readonly #keys: LimitKeys

  constructor(shared: Shared, rate: RateUnits, keys: LimitKeys) {
    this.#shared = shared
    this.#rate = rate
    this.#keys = keys
  }

  take(key: string, cost: number, now: number): TakeResult {
    const { own, hash } = this.#shared
    const rate = this.#rate
    const units = cost * rate.unitsPerToken
    // A cost above the burst never passes, and must not become the first charge of a new key.
    if (!(units <= rate.capacity)) return this.#tell(-(rate.capacity + units), units)
    halfSipHash(this.#keys.key0, this.#keys.key1, key, hash)
    const outcome = own.take(hash.low, hash.high, rate, units, now)
    if (own.evicted > 0) this.#countEvictions()
    return outcome === bucketFull ? this.#takeOverflow(hash.low, units, now) : this.#tell(outcome, units)
  }

  /**
   * The bucket holds only keys that are not drained. None of them is forgotten for a new one: the new keys of a group of
   * buckets share one entry, so together they get what one key gets, and a flood of keys admits no more than that.
   */
  #takeOverflow(low: number, units: number, now: number): TakeResult {
    const { own, overflow, header } = this.#shared
    // Half as many groups as overflow buckets: eight limits that are flooded at once fill a quarter of those.
    const group = own.bucketOf(low) % Math.max(1, overflow.buckets >> 1)
    const { overflow0, overflow1 } = this.#keys
    const outcome = overflow.take(mix(overflow0 ^ group), mix(overflow1 ^ group), this.#rate, units, now)
    Atomics.add(header, outcome === bucketFull ? headerWord.rejections : headerWord.overflows, 1)
    return this.#tell(outcome === bucketFull ? -(this.#rate.capacity + units) : outcome, units)
  }

  #tell(outcome: number, units: number): TakeResult {
    const { unitsPerToken, capacity, unitsPerMs } = this.#rate
    const result = this.#shared.result
    result.admitted = outcome > 0
    const left = outcome > 0 ? capacity - outcome : Math.max(0, capacity + outcome + units)
    const remaining = Math.floor(left / unitsPerToken)
    const wait = outcome > 0 ? (remaining + 1) * unitsPerToken - left : -outcome - capacity
    result.remaining = remaining
    // Less what the division may have added, so that 600 ms are not told as 601.
    result.waitMs = Math.ceil((wait / unitsPerMs) * (1 - 1e-12))
    return result
  }

  #countEvictions(): void {
    const { own, header } = this.#shared
    Atomics.add(header, headerWord.evictions, own.evicted)
    own.evicted = 0
  }
}

interface LimitKeys {
  readonly key0: number
  readonly key1: number
  readonly overflow0: number
  readonly overflow1: number
}

/**
 * Every limit hashes under keys of its own, derived from the table's random seed: nobody outside can aim at another
 * key's bucket, and one key under two limits lands in two unrelated places.
 */
function deriveLimitKeys(seed: Uint8Array, spec: RateLimitSpec): LimitKeys {
  const name = JSON.stringify([spec.id, spec.limit, spec.windowMs, spec.burst])
  const derived = createHmac('sha256', seed).update(name).digest()
  return {
    key0: derived.readInt32LE(0),
    key1: derived.readInt32LE(4),
    overflow0: derived.readInt32LE(8),
    overflow1: derived.readInt32LE(12),
  }
}

/** Spreads a word over all of its bits, one to one (the finaliser of MurmurHash3). */
function mix(word: number): number {
  let mixed = word
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
