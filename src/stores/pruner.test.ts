import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { startPruner } from './pruner.ts'

const day = 86_400_000
const now = 1_800_000_000_000

test('what ended a day ago is forgotten, batch after batch, each larger while they are quick', async () => {
  const calls: [before: number, limit: number][] = []
  let left = 50
  const pruner = startPruner({
    store: {
      async removeEnded(before, limit) {
        calls.push([before, limit])
        const removed = Math.min(left, limit)
        left -= removed
        return removed
      },
    },
    now: () => now,
    onFailure: (error) => assert.fail(error as Error),
  })
  await eventually('three batches', () => calls.length === 3)
  assert.deepEqual(calls, [
    [now - day, 20],
    [now - day, 25],
    [now - day, 32],
  ])
  await pruner.stop()
})

test('a store that fails is tried again at the next turn', async () => {
  let calls = 0
  const failures: unknown[] = []
  const pruner = startPruner({
    store: {
      async removeEnded() {
        calls++
        throw new Error('gone')
      },
    },
    intervalMs: 10,
    onFailure: (error) => failures.push(error),
  })
  await eventually('a third attempt', () => calls > 2)
  await pruner.stop()
  assert.ok(failures.length > 1)
  const before = calls
  await new Promise((resolve) => setTimeout(resolve, 40))
  assert.equal(calls, before)
})
