import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PrunePace } from './prune-pace.ts'

/** So many batches on a disk on which one takes so long by itself, and each row of it so long. */
function run(pace: PrunePace, batches: number, { batchMs, rowMs }: { batchMs: number; rowMs: number }) {
  const seen: { size: number; tookMs: number; restMs: number }[] = []
  for (let i = 0; i < batches; i++) {
    const { size } = pace
    const tookMs = batchMs + size * rowMs
    seen.push({ size, tookMs, restMs: pace.note(tookMs) })
  }
  return seen
}

const longest = (seen: readonly { tookMs: number }[]) => Math.max(...seen.map(({ tookMs }) => tookMs))

test('batches grow to what fits, and none takes too long', () => {
  const seen = run(new PrunePace(), 100, { batchMs: 0.5, rowMs: 0.02 })
  assert.equal(seen[0]?.size, 20)
  assert.ok(longest(seen) < 5, `${longest(seen)} ms`)
  const [removed, ms] = [
    seen.reduce((sum, { size }) => sum + size, 0),
    seen.reduce((sum, { tookMs, restMs }) => sum + tookMs + restMs, 0),
  ]
  assert.ok(removed / ms > 3, `${removed / ms} rows a millisecond`)
})

test('where a batch costs much by itself, it takes more rows with it', () => {
  const seen = run(new PrunePace(), 100, { batchMs: 2, rowMs: 0.02 })
  assert.ok((seen.at(-1)?.size ?? 0) > 30)
  assert.ok(longest(seen) < 5, `${longest(seen)} ms`)
})

test('a disk that becomes slow halves them, batch after batch, down to the smallest', () => {
  const pace = new PrunePace()
  run(pace, 50, { batchMs: 0.1, rowMs: 0.001 })
  assert.equal(pace.size, 2000)
  const sizes = run(pace, 10, { batchMs: 30, rowMs: 0.1 }).map(({ size }) => size)
  assert.deepEqual(sizes, [2000, 1000, 500, 250, 125, 62, 31, 20, 20, 20])
})

test('however slow it is, five sixths of the time are left to others', () => {
  for (const { tookMs, restMs } of run(new PrunePace(), 50, { batchMs: 25, rowMs: 1 })) assert.ok(restMs >= 5 * tookMs)
  for (const { restMs } of run(new PrunePace(), 50, { batchMs: 0.1, rowMs: 0.001 })) assert.ok(restMs >= 10)
})
