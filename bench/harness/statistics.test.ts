import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, pairedRatios, percentile, toSpread } from './statistics.ts'

test('the median is the middle value, or the mean of the two middle ones', () => {
  assert.equal(median([9, 1, 5]), 5)
  assert.equal(median([10, 2, 4, 100]), 7)
  assert.equal(median([3]), 3)
  assert.throws(() => median([]), RangeError)
})

test('numbers are ordered as numbers, not as text', () => {
  assert.equal(median([100, 9, 20]), 20)
  assert.equal(percentile([100, 9, 20], 1), 100)
})

test('a spread leaves its input as it was', () => {
  const values = [3, 1, 2]
  assert.deepEqual(toSpread(values), { median: 2, min: 1, max: 3 })
  assert.deepEqual(values, [3, 1, 2])
})

test('ratios pair what was measured in the same round', () => {
  // The machine was half as fast in the second round; the ratio does not change.
  assert.deepEqual(pairedRatios([200, 100], [100, 50]), [2, 2])
  assert.throws(() => pairedRatios([1, 2], [1]), RangeError)
  assert.throws(() => pairedRatios([1], [0]), RangeError)
})

test('percentiles are values that were seen', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1)
  assert.equal(percentile(values, 0.99), 99)
  assert.equal(percentile(values, 0.5), 50)
  assert.equal(percentile([7], 0.99), 7)
  assert.equal(percentile([7, 8], 0), 7)
})
