import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rotate, takeCalmSample } from './rounds.ts'
import type { Sample } from './sample.ts'

function sample(requestsPerSecond: number, foreignShare: number | null): Sample {
  const others = { p50Ms: 1, p99Ms: 1, failed: 0, serverMicros: 1, serverShare: 1, loadShare: 1 }
  return { requestsPerSecond, foreignShare, ...others }
}

test('every contender goes first once', () => {
  assert.deepEqual(rotate(['a', 'b', 'c'], 0), ['a', 'b', 'c'])
  assert.deepEqual(rotate(['a', 'b', 'c'], 1), ['b', 'c', 'a'])
  assert.deepEqual(rotate(['a', 'b', 'c'], 5), ['c', 'a', 'b'])
})

test('a disturbed measurement is taken again, and the calmest counts, not the fastest', async () => {
  const taken = [sample(900, 0.4), sample(100, 0.1), sample(800, 0.2), sample(1_000, 0)]
  const kept = await takeCalmSample(3, async () => taken.shift() as Sample)
  assert.equal(kept.requestsPerSecond, 100)
  assert.equal(taken.length, 1)
})

test('a calm measurement is taken once, and so is one where nobody can tell', async () => {
  for (const share of [0.01, null]) {
    const taken = [sample(1, share), sample(2, 0)]
    assert.equal((await takeCalmSample(3, async () => taken.shift() as Sample)).requestsPerSecond, 1)
  }
})
