/** How one count of failed attempts grows, locks and drains. */
export interface AttemptLimit {
  /** Failures that cost nothing. */
  readonly free: number
  /** How long one failure counts. */
  readonly drainMs: number
  /** The wait after the first failure beyond `free`; each further one doubles it. 0: none, the count itself is looked at. */
  readonly delayMs: number
  readonly maxDelayMs: number
  /** More than this is not counted, so that nothing takes longer to drain than this many times `drainMs`. */
  readonly most: number
}

/** What is stored of one count: plain times, so that nothing has to run for it to drain. Epoch milliseconds. */
export interface AttemptCount {
  /** When it is empty again. */
  readonly drainedAt: number
  /** Until when nothing more is tried; 0 for never. */
  readonly lockedUntil: number
}

export const noAttempts: AttemptCount = Object.freeze({ drainedAt: 0, lockedUntil: 0 })

const minute = 60_000

/**
 * One account, tried from clients that it was never logged in from: fifteen wrong passwords in the first quarter of an
 * hour, then four an hour (NIST SP 800-63B-4 section 3.2.2 allows a hundred in a row).
 */
const account: AttemptLimit = {
  free: 5,
  drainMs: 15 * minute,
  delayMs: 1000,
  maxDelayMs: 15 * minute,
  most: 20,
}

/** One account, tried from one client that has logged in to it before: its owner, or whoever shares the address. */
const knownClient: AttemptLimit = { ...account, free: 10, most: 25 }

/** One client address, whichever accounts it tries: an office of people who mistype, or one that goes through a list. */
const client: AttemptLimit = { ...account, free: 20, most: 35 }

/** The same while many fail everywhere: whoever fails once has to wait. */
const suspectedClient: AttemptLimit = { ...client, free: 1, most: 16 }

/** All failures of clients that are not known to the account that they try. */
const all: AttemptLimit = { free: 100, drainMs: 3000, delayMs: 0, maxDelayMs: 0, most: 1000 }

export const attemptLimits = Object.freeze({ account, knownClient, client, suspectedClient, all })

/** How many failures count at present. */
export function countAttempts({ drainedAt }: AttemptCount, { drainMs, most }: AttemptLimit, now: number): number {
  // Were the clock set back, what was counted would seem to be far more.
  return Math.min(Math.max(0, drainedAt - now) / drainMs, most)
}

/** How long to wait before the next attempt; 0: none. */
export function checkAttempts(count: AttemptCount, limit: AttemptLimit, now: number): number {
  return Math.min(Math.max(0, count.lockedUntil - now), limit.maxDelayMs)
}

/** One attempt more, which is taken for a failure until `takeBackAttempt`. */
export function addAttempt(count: AttemptCount, limit: AttemptLimit, now: number): AttemptCount {
  const failures = Math.min(countAttempts(count, limit, now) + 1, limit.most)
  const beyond = Math.ceil(failures - limit.free)
  const delay = beyond > 0 ? Math.min(limit.maxDelayMs, limit.delayMs * 2 ** (beyond - 1)) : 0
  return {
    drainedAt: now + Math.ceil(failures * limit.drainMs),
    lockedUntil: delay === 0 ? 0 : now + delay,
  }
}

/** The attempt did not fail: what it added is taken away, and so is the lock, where nobody has failed since. */
export function takeBackAttempt(count: AttemptCount, limit: AttemptLimit, lockedUntil: number): AttemptCount {
  return {
    drainedAt: count.drainedAt - limit.drainMs,
    lockedUntil: count.lockedUntil === lockedUntil ? 0 : count.lockedUntil,
  }
}
