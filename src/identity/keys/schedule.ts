import type { SigningKeyRecord } from '../../stores/ports/signing-key-store.ts'

export interface ScheduleOptions {
  readonly rotateEvery: number
  readonly overlap: number
}

type Timed = Pick<SigningKeyRecord, 'id' | 'signsFrom'>

/** What each key does at a moment. Keys are in the order in which they sign. */
export interface Schedule<Key extends Timed> {
  /** Null where there is none yet. */
  readonly signing: Key | null
  /** The signing one first: those that come next, and those whose signatures are still about. */
  readonly published: readonly Key[]
  /** Nothing that they signed is good any more. */
  readonly ended: readonly Key[]
  /** When the next key begins to sign, where it is time to make it. */
  readonly next: number | null
}

/** How long before it signs a key is published at least, so that whoever remembers keys has heard of it. */
const aheadMs = 24 * 3_600_000

/** All instances agree on this, because it depends on nothing but the keys and the time. */
export function toSchedule<Key extends Timed>(
  keys: readonly Key[],
  options: ScheduleOptions,
  now: number,
): Schedule<Key> {
  const { rotateEvery, overlap } = options
  const newest = keys.at(-1)
  // The first one signs at once: nobody remembers any other.
  if (newest === undefined) return { signing: null, published: [], ended: [], next: now }
  const signing = keys.findLast(({ signsFrom }) => signsFrom <= now) ?? (keys[0] as Key)
  const endOf = (i: number) => (keys[i + 1]?.signsFrom ?? Number.POSITIVE_INFINITY) + overlap
  const others = keys.filter((key, i) => key !== signing && endOf(i) > now)
  const due = newest.signsFrom + rotateEvery
  const ahead = Math.min(aheadMs, rotateEvery / 4)
  return {
    signing,
    published: [signing, ...others],
    ended: keys.filter((key, i) => key !== signing && endOf(i) <= now),
    next: now >= due - ahead ? Math.max(due, now + ahead) : null,
  }
}
