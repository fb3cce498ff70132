import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { RateTableOutcome, RateTableWork } from '../../../test/support/rate-table-worker.ts'
import { allocateRateMemory } from './rate-memory.ts'
import { createSharedRateTable } from './shared-rate-table.ts'

const script = new URL('../../../test/support/rate-table-worker.ts', import.meta.url)
const daily = { id: 'daily', limit: 1000, windowMs: 86_400_000, burst: 1000 }

/** Lets threads take from one table at the same time. */
async function hammer(threads: number, work: Omit<RateTableWork, 'start'>): Promise<RateTableOutcome[]> {
  const start = new SharedArrayBuffer(4)
  const workers = Array.from({ length: threads }, () => new Worker(script, { workerData: { ...work, start } }))
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    const outcomes = Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0] as RateTableOutcome))
    Atomics.store(new Int32Array(start), 0, 1)
    Atomics.notify(new Int32Array(start), 0)
    return await outcomes
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function sum(outcomes: readonly RateTableOutcome[]): number[] {
  const [first] = outcomes as [RateTableOutcome, ...RateTableOutcome[]]
  return first.admitted.map((_, key) => outcomes.reduce((total, { admitted }) => total + (admitted[key] as number), 0))
}

test('four threads that take for one key are admitted exactly the limit', async () => {
  const memory = allocateRateMemory(1000)
  const work = { memory, spec: daily, keys: ['one'], rounds: 20_000, churn: null }
  assert.deepEqual(sum(await hammer(4, work)), [1000])
})

test('threads that bring the same new keys at the same time give each key one place', async () => {
  const keys = Array.from({ length: 5000 }, (_, i) => `key-${i}`)
  const memory = allocateRateMemory(20_000)
  const outcomes = await hammer(4, { memory, spec: { ...daily, burst: 2 }, keys, rounds: 3, churn: null })
  assert.deepEqual(
    sum(outcomes).filter((admitted) => admitted !== 2),
    [],
  )
  assert.equal(createSharedRateTable(memory).stats().overflows, 0)
})

test('while places are given from key to key all the time, a key that is not drained keeps its count', async () => {
  // One bucket of 16: three keys stay, the others follow each other as fast as they drain, on a clock that runs ahead.
  const memory = allocateRateMemory(8)
  const spec = { id: 'monthly', limit: 1000, windowMs: 31 * 86_400_000, burst: 1000 }
  const churn = { spec: { id: 'churn', limit: 1000, windowMs: 1000, burst: 1000 }, keys: 300 }
  const clock = { speed: 500, fromMs: performance.now() }
  const work = { memory, spec, keys: ['a', 'b', 'c'], rounds: 30_000, churn, clock }
  const outcomes = await hammer(3, work)
  const elapsedMs = Math.max(...outcomes.map((outcome) => outcome.elapsedMs))
  const allowed = 1000 + Math.floor((elapsedMs * clock.speed) / (spec.windowMs / spec.limit))
  for (const admitted of sum(outcomes)) assert.ok(admitted >= 1000 && admitted <= allowed, `${admitted}`)
  const { evictions } = createSharedRateTable(memory).stats()
  assert.ok(evictions > 1000, `${evictions}`)
})

test('while it is refilled, a limit admits no more than its burst and its rate over the time that passed', async () => {
  const spec = { id: 'quick', limit: 1000, windowMs: 1000, burst: 100 }
  const work = { memory: allocateRateMemory(1000), spec, keys: ['one'], rounds: 400_000, churn: null }
  const began = performance.now()
  const [admitted] = sum(await hammer(2, work)) as [number]
  const elapsedMs = performance.now() - began
  assert.ok(admitted <= 100 + elapsedMs + 1, `${admitted} in ${elapsedMs} ms`)
  assert.ok(admitted > 100, `${admitted}`)
})

test('threads agree on the time, whenever they were started', async () => {
  const memory = allocateRateMemory(1000)
  const spec = { id: 'interval', limit: 1, windowMs: 3_600_000, burst: 1 }
  const here = createSharedRateTable(memory).open(spec)
  await here.take('one', 1, performance.now())
  const began = performance.now()
  const [outcome] = await hammer(1, { memory, spec, keys: ['one', 'two'], rounds: 1, churn: null })
  assert.deepEqual(outcome?.admitted, [0, 1])
  const { admitted, waitMs } = await here.take('two', 1, performance.now())
  assert.equal(admitted, false)
  const elapsedMs = performance.now() - began
  assert.ok(waitMs >= 3_600_000 - elapsedMs - 1 && waitMs <= 3_600_001, `${waitMs} ms after ${elapsedMs} ms`)
})
