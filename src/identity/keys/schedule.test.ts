import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toSchedule } from './schedule.ts'

const day = 24 * 3_600_000
const options = { rotateEvery: 90 * day, overlap: 7 * day }
const key = (id: string, signsFrom: number) => ({ id, signsFrom })
const ids = (keys: readonly { id: string }[]) => keys.map(({ id }) => id).join('')

test('the first key signs at once', () => {
  assert.deepEqual(toSchedule([], options, 5), { signing: null, published: [], ended: [], next: 5 })
})

test('the next key is made and published a day before it signs', () => {
  const keys = [key('a', 0)]
  assert.equal(toSchedule(keys, options, 89 * day - 1).next, null)
  assert.equal(toSchedule(keys, options, 89 * day).next, 90 * day)
  // Nobody was there when it was due: it is published first all the same.
  assert.equal(toSchedule(keys, options, 200 * day).next, 201 * day)
})

test('one signs at a time, and those before and after it are published', () => {
  const keys = [key('a', 0), key('b', 90 * day), key('c', 180 * day)]
  for (const [at, signing, published, ended] of [
    [89 * day, 'a', 'abc', ''],
    [90 * day, 'b', 'bac', ''],
    [97 * day - 1, 'b', 'bac', ''],
    [97 * day, 'b', 'bc', 'a'],
    [200 * day, 'c', 'c', 'ab'],
  ] as const) {
    const schedule = toSchedule(keys, options, at)
    assert.equal(schedule.signing?.id, signing)
    assert.equal(ids(schedule.published), published, `published at ${at / day}`)
    assert.equal(ids(schedule.ended), ended, `ended at ${at / day}`)
  }
})

test('a clock that was set back still has a key to sign with', () => {
  assert.equal(toSchedule([key('a', 10)], options, 5).signing?.id, 'a')
})
