import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyUseWriter } from './key-use-writer.ts'
import type { KeyUse } from './ports/key-store.ts'

function createRecordingStore() {
  const batches: KeyUse[][] = []
  const store = {
    batches,
    broken: false,
    async recordUses(uses: readonly KeyUse[]) {
      if (store.broken) throw new Error('the disk is full')
      batches.push([...uses])
    },
  }
  return store
}

test('uses of one key become one write with the latest time', async () => {
  const store = createRecordingStore()
  const writer = createKeyUseWriter({ store, intervalMs: 60_000, onFailure: assert.ifError })
  writer.record([
    { id: 'a', at: 5 },
    { id: 'b', at: 1 },
  ])
  writer.record([{ id: 'a', at: 9 }])
  writer.record([{ id: 'a', at: 7 }])
  await writer.close()
  assert.deepEqual(store.batches, [
    [
      { id: 'a', at: 9 },
      { id: 'b', at: 1 },
    ],
  ])
})

test('a store that fails is reported once, loses nothing, and is written to when it recovers', async () => {
  const store = createRecordingStore()
  const events: string[] = []
  const writer = createKeyUseWriter({
    store,
    intervalMs: 60_000,
    onFailure: (error) => events.push((error as Error).message),
    onRecovery: () => events.push('recovered'),
  })
  store.broken = true
  writer.record([{ id: 'a', at: 5 }])
  await writer.flush()
  writer.record([{ id: 'a', at: 8 }])
  await writer.flush()
  assert.equal(writer.waiting, 1)
  store.broken = false
  await writer.close()
  assert.deepEqual(events, ['the disk is full', 'recovered'])
  assert.deepEqual(store.batches, [[{ id: 'a', at: 8 }]])
})

test('what waits is bounded, and written in bounded transactions', async () => {
  const store = createRecordingStore()
  const writer = createKeyUseWriter({ store, intervalMs: 60_000, onFailure: assert.ifError })
  writer.record(Array.from({ length: 60_000 }, (_, i) => ({ id: `k${i}`, at: i })))
  assert.equal(writer.waiting, 50_000)
  await writer.close()
  assert.equal(writer.waiting, 0)
  assert.equal(Math.max(...store.batches.map((batch) => batch.length)), 2000)
  assert.equal(store.batches.flat().length, 50_000)
})

test('it writes by itself', async () => {
  const store = createRecordingStore()
  const writer = createKeyUseWriter({ store, intervalMs: 5, onFailure: assert.ifError })
  writer.record([{ id: 'a', at: 5 }])
  const deadline = Date.now() + 5000
  while (store.batches.length === 0 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 5))
  assert.equal(store.batches.length, 1)
  await writer.close()
})
