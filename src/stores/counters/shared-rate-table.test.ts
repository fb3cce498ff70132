import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testRateTable } from '../../../test/contracts/rate-table.ts'
import { type RateLimitSpec, rateBounds } from '../ports/rate-table.ts'
import { allocateRateMemory, openRateMemory, wordsPerSlot } from './rate-memory.ts'
import { createSharedRateTable } from './shared-rate-table.ts'

/** A table whose time stands still until it is moved. */
function openTable(maxKeys = 1000, startMs = 1_000_000) {
  const memory = allocateRateMemory(maxKeys)
  let time = startMs
  const now = () => time
  const create = () => createSharedRateTable(memory, now)
  const advance = (ms: number) => {
    time += ms
  }
  return { memory, table: create(), other: create(), now, advance, close() {} }
}

const slow: RateLimitSpec = { id: 'slow', limit: 10, windowMs: 86_400_000, burst: 10 }

testRateTable('shared memory', () => openTable())
testRateTable('shared memory, far from the start of its clock', () => openTable(1000, 7 * 365 * 86_400_000))

/** The same algorithm in exact arithmetic, on one thread, with nothing but a map. */
function createReference({ limit, windowMs, burst }: RateLimitSpec) {
  const interval = windowMs / limit
  const arrivals = new Map<string, number>()
  return (key: string, cost: number, now: number) => {
    const arrival = Math.max(arrivals.get(key) ?? 0, now) + cost * interval
    const admitted = arrival - now <= burst * interval
    if (admitted) arrivals.set(key, arrival)
    const ahead = Math.max(0, (arrivals.get(key) ?? 0) - now)
    return {
      admitted,
      remaining: Math.max(0, Math.floor(burst - ahead / interval)),
      waitMs: admitted ? null : arrival - now - burst * interval,
    }
  }
}

test('decides as the plain algorithm does, over bursts, pauses and words that wrap', () => {
  // Whole milliseconds per token, so that both count without rounding.
  const specs = fc
    .record({ interval: fc.integer({ min: 1, max: 5000 }), limit: fc.integer({ min: 1, max: 50 }) })
    .chain(({ interval, limit }) =>
      fc.integer({ min: 1, max: 50 }).map((burst) => ({ id: 'model', limit, windowMs: interval * limit, burst })),
    )
  const pause = fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 3000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * 86_400_000 }) },
    // Around one turn of the TAT word, where an old value looks like a new one.
    { weight: 2, arbitrary: fc.integer({ min: 4_294_967 - 100_000, max: 4_294_967 + 100_000 }) },
  )
  const step = fc.record({
    pause,
    key: fc.constantFrom('a', 'b', 'c'),
    cost: fc.integer({ min: 1, max: 60 }),
    times: fc.integer({ min: 1, max: 60 }),
  })
  fc.assert(
    fc.property(specs, fc.array(step, { maxLength: 40 }), (spec, steps) => {
      const { table, now, advance } = openTable()
      const counter = table.open(spec)
      const reference = createReference(spec)
      for (const { pause: ms, key, cost, times } of steps) {
        advance(ms)
        for (let i = 0; i < times; i++) {
          const expected = reference(key, cost, now())
          const got = counter.take(key, cost, now())
          assert.ok(!(got instanceof Promise))
          assert.equal(got.admitted, expected.admitted)
          if (cost <= spec.burst) assert.equal(got.remaining, expected.remaining)
          if (!got.admitted && cost <= spec.burst) assert.equal(got.waitMs, expected.waitMs)
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('coarse units never admit more than the rate allows', () => {
  const specs = fc
    .record({
      id: fc.constant('coarse'),
      limit: fc.integer({ min: 1, max: 10_000_000 }),
      windowMs: fc.constantFrom(1000, 7000, 60_000, 3_600_000, 86_400_000),
      burst: fc.integer({ min: 1, max: 10_000_000 }),
    })
    .filter(({ limit, windowMs, burst }) => (burst * windowMs) / limit <= rateBounds.refillMs)
  fc.assert(
    fc.property(specs, fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 30 }), (spec, pauses) => {
      const { table, now, advance } = openTable()
      const counter = table.open(spec)
      const start = now()
      let admitted = 0
      for (const ms of pauses) {
        advance(ms)
        for (const cost of [spec.burst, Math.ceil(spec.burst / 2), 1, 1]) {
          const result = counter.take('a', cost, now())
          assert.ok(!(result instanceof Promise))
          if (result.admitted) admitted += cost
        }
      }
      const allowed = spec.burst + ((now() - start) * spec.limit) / spec.windowMs
      assert.ok(admitted <= allowed * (1 + 1e-6) + 1, `${admitted} of ${allowed}`)
    }),
    { numRuns: 300 },
  )
})

test('a flood of keys forgets no key that is not drained and opens no way round a limit', () => {
  const { table, now } = openTable(8)
  const { capacity } = table.stats()
  const counter = table.open(slow)
  const admit = (key: string) => counter.take(key, 1, now()) as { admitted: boolean }
  for (let i = 0; i < 10; i++) admit('attacker')
  assert.equal(admit('attacker').admitted, false)
  assert.equal((counter.take('victim', 4, now()) as { remaining: number }).remaining, 6)

  let admitted = 0
  for (let i = 0; i < 5000; i++) if (admit(`flood-${i}`).admitted) admitted++

  // The keys that found a place got one each, all others together what one key gets.
  assert.equal(admitted, capacity - 2 + 10)
  assert.equal(admit('attacker').admitted, false)
  assert.equal((counter.take('victim', 1, now()) as { remaining: number }).remaining, 5)
  assert.deepEqual(
    { ...table.stats(), overflows: 0 },
    { capacity, entries: capacity, evictions: 0, overflows: 0, rejections: 0 },
  )
  assert.equal(table.stats().overflows, 5000 - (capacity - 2))
})

test('an honest newcomer in a flooded table gets the overflow share', () => {
  const { table, now, advance } = openTable(8)
  const flooded = table.open(slow)
  for (let i = 0; i < 1000; i++) flooded.take(`flood-${i}`, 10, now())
  // Another limit has a share of its own, a second newcomer of the same limit uses the same one.
  const honest = table.open({ id: 'honest', limit: 5, windowMs: 1000, burst: 5 })
  const admit = (key: string) => (honest.take(key, 1, now()) as { admitted: boolean }).admitted
  assert.deepEqual(
    [1, 2, 3].map(() => admit('honest-1')),
    [true, true, true],
  )
  assert.deepEqual(
    [1, 2, 3].map(() => admit('honest-2')),
    [true, true, false],
  )
  advance(200)
  assert.equal(admit('honest-2'), true)
})

test('new keys share an overflow entry with few others: one group does not drain the next', () => {
  const { table, now } = openTable(10_000)
  const { capacity } = table.stats()
  const counter = table.open(slow)
  for (let i = 0; i < 4 * capacity; i++) counter.take(`flood-${i}`, 10, now())
  const before = table.stats()
  assert.ok(before.overflows > 0)
  assert.equal(before.rejections, 0)
  const honest = table.open({ ...slow, id: 'honest' })
  let admitted = 0
  for (let i = 0; i < 10_000; i++)
    if ((honest.take(`honest-${i}`, 1, now()) as { admitted: boolean }).admitted) admitted++
  // 78 groups of 10 each.
  assert.equal(admitted, 780)
})

test('when the overflow entries are taken too, newcomers are refused', () => {
  const { table, now } = openTable(8)
  const flooded = table.open(slow)
  for (let i = 0; i < 1000; i++) flooded.take(`flood-${i}`, 10, now())
  const results = Array.from({ length: 40 }, (_, i) => {
    const result = table.open({ ...slow, id: `limit-${i}` }).take('newcomer', 1, now())
    return { ...(result as { admitted: boolean; waitMs: number }) }
  })
  const refused = results.filter(({ admitted }) => !admitted)
  assert.equal(refused.length, 40 - 15)
  assert.ok(refused.every(({ waitMs }) => waitMs > 0))
  assert.equal(table.stats().rejections, refused.length)
})

test('places of drained keys are used again, the longest drained first', () => {
  const { table, now, advance } = openTable(8)
  const { capacity } = table.stats()
  const quick = table.open({ id: 'quick', limit: 10, windowMs: 1000, burst: 10 })
  for (let i = 0; i < 20 * capacity; i++) {
    assert.equal((quick.take(`key-${i}`, 1, now()) as { admitted: boolean }).admitted, true)
    advance(100)
  }
  const { evictions, overflows, entries } = table.stats()
  assert.equal(overflows, 0)
  assert.equal(evictions, 19 * capacity)
  assert.ok(entries < capacity / 2, `${entries}`)
})

test('the hash seed differs from table to table', () => {
  const seeds = [1, 2, 3].map(() => Buffer.from(openRateMemory(allocateRateMemory(8)).seed).toString('hex'))
  assert.equal(new Set(seeds).size, 3)
  assert.ok(seeds.every((seed) => !/^0+$/.test(seed)))
})

test('a thread that was ended while it put in a key blocks nobody for long', () => {
  const { memory, table, now } = openTable(8)
  const counter = table.open(slow)
  counter.take('a', 10, now())
  const { slots, locks } = openRateMemory(memory)
  // As if it had stopped half-way through replacing `a`: the slot marked, the lock held.
  const used = Array.from({ length: slots.length / wordsPerSlot }, (_, i) => i).filter((i) => slots[i * 4 + 3] !== 0)
  assert.equal(used.length, 1)
  slots[(used[0] as number) * wordsPerSlot + 2] = 0x80000000 | 0
  locks[0] = 0x7fff0001
  const start = performance.now()
  assert.equal((counter.take('a', 10, now()) as { admitted: boolean }).admitted, true)
  const waited = performance.now() - start
  assert.ok(waited > 900 && waited < 5000, `${waited} ms`)
  assert.equal((counter.take('a', 1, now()) as { admitted: boolean }).admitted, false)
  assert.equal((counter.take('b', 1, now()) as { admitted: boolean }).admitted, true)
  assert.equal(locks[0], 0)
})

test('memory that holds no table and limits out of bounds are refused', () => {
  assert.throws(() => createSharedRateTable(new SharedArrayBuffer(4096)), /no rate table/)
  assert.throws(() => allocateRateMemory(0), /maxKeys/)
  const { table } = openTable()
  for (const bad of [
    { limit: 0 },
    { limit: 1.5 },
    { windowMs: 0 },
    { burst: 0 },
    { burst: 1e9 },
    { limit: Number.NaN },
  ]) {
    assert.throws(() => table.open({ ...slow, ...bad }), RangeError, JSON.stringify(bad))
  }
})

test('a key costs 37 bytes of the table', () => {
  const perKey = allocateRateMemory(1_000_000).byteLength / 1_000_000
  assert.ok(perKey < 37, `${perKey}`)
})
