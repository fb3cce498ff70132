import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type AttemptCount,
  type AttemptLimit,
  addAttempt,
  attemptLimits,
  checkAttempts,
  countAttempts,
  noAttempts,
  takeBackAttempt,
} from './attempt-limits.ts'

const start = 1_800_000_000_000
const minute = 60_000
const { account, all } = attemptLimits

/** Fails as often as it may until the time is up, waiting no longer than it has to. */
function guess(limit: AttemptLimit, durationMs: number): number {
  let count: AttemptCount = noAttempts
  let now = start
  let guesses = 0
  while (now < start + durationMs) {
    const wait = checkAttempts(count, limit, now)
    if (wait > 0) now += wait
    else {
      count = addAttempt(count, limit, now)
      guesses++
    }
  }
  return guesses
}

describe('failed attempts', () => {
  test('are free at first, then cost a wait that doubles up to a quarter of an hour', () => {
    let count: AttemptCount = noAttempts
    let now = start
    const waits: number[] = []
    for (let i = 0; i < 18; i++) {
      count = addAttempt(count, account, now)
      waits.push(checkAttempts(count, account, now) / 1000)
      now += (waits.at(-1) as number) * 1000
    }
    assert.deepEqual(waits.slice(0, 10), [0, 0, 0, 0, 0, 1, 2, 4, 8, 16])
    assert.equal(Math.max(...waits), 900)
  })

  test('of one account are no more than a hundred a day, however patient the attacker is', () => {
    assert.ok(guess(account, 24 * 60 * minute) <= 120)
    assert.ok(guess(account, 15 * minute) <= 16)
  })

  test('drain with time, one after the other', () => {
    let count: AttemptCount = noAttempts
    for (let i = 0; i < 5; i++) count = addAttempt(count, account, start)
    assert.equal(countAttempts(count, account, start), 5)
    assert.equal(countAttempts(count, account, start + 30 * minute), 3)
    assert.equal(countAttempts(count, account, start + 75 * minute), 0)
    assert.equal(countAttempts(count, account, start + 9999 * minute), 0)
  })

  test('one that succeeded leaves no trace, and undoes the lock that it brought itself', () => {
    let count: AttemptCount = noAttempts
    for (let i = 0; i < 5; i++) count = addAttempt(count, account, start)
    const reserved = addAttempt(count, account, start)
    assert.ok(checkAttempts(reserved, account, start) > 0)
    const after = takeBackAttempt(reserved, account, reserved.lockedUntil)
    assert.equal(countAttempts(after, account, start), 5)
    assert.equal(checkAttempts(after, account, start), 0)
  })

  test('a success does not undo the lock of those who failed meanwhile', () => {
    let count: AttemptCount = noAttempts
    for (let i = 0; i < 6; i++) count = addAttempt(count, account, start)
    const mine = count.lockedUntil
    const theirs = addAttempt(count, account, start + 1)
    assert.ok(checkAttempts(takeBackAttempt(theirs, account, mine), account, start + 1) > 0)
  })

  test('a clock that is set back by a year locks nobody for longer than usual', () => {
    const later = addAttempt(addAttempt(noAttempts, account, start), account, start)
    const year = 365 * 24 * 60 * minute
    assert.ok(checkAttempts({ ...later, lockedUntil: start }, account, start - year) <= account.maxDelayMs)
    assert.ok(countAttempts(later, account, start - year) <= account.most)
  })

  test('the count of all never waits by itself and is bounded', () => {
    let count: AttemptCount = noAttempts
    for (let i = 0; i < 5000; i++) count = addAttempt(count, all, start)
    assert.equal(countAttempts(count, all, start), all.most)
    assert.equal(checkAttempts(count, all, start), 0)
  })

  test('whatever happens in whatever order, counts stay within their bounds', () => {
    const step = fc.record({ forwardMs: fc.integer({ min: -100_000, max: 10_000_000 }), back: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        let count: AttemptCount = noAttempts
        let now = start
        for (const { forwardMs, back } of steps) {
          now += forwardMs
          const added = addAttempt(count, account, now)
          count = back ? takeBackAttempt(added, account, added.lockedUntil) : added
          const failures = countAttempts(count, account, now)
          assert.ok(failures >= 0 && failures <= account.most)
          assert.ok(checkAttempts(count, account, now) <= account.maxDelayMs)
        }
      }),
    )
  })
})
