import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allocateRateMemory } from './rate-memory.ts'
import { publishRateTable } from './rate-table-gauges.ts'
import { createSharedRateTable } from './shared-rate-table.ts'

test('publishes what a flooded table holds', () => {
  const table = createSharedRateTable(allocateRateMemory(8))
  const gauges = new Map<string, () => number>()
  publishRateTable(table, {
    counter: () => ({ add() {} }),
    gauge: (name, _help, read) => void gauges.set(name, read),
    total: (name, _help, read) => void gauges.set(name, read),
  })
  const read = () =>
    Object.fromEntries([...gauges].map(([name, value]) => [name.replace('portcullis_rate_table_', ''), value()]))
  assert.deepEqual(read(), { capacity: 16, entries: 0, evictions_total: 0, overflows_total: 0, rejections_total: 0 })
  const counter = table.open({ id: 'daily', limit: 5, windowMs: 86_400_000, burst: 5 })
  for (let i = 0; i < 20; i++) counter.take(`key-${i}`, 1, performance.now())
  assert.deepEqual(read(), { capacity: 16, entries: 16, evictions_total: 0, overflows_total: 4, rejections_total: 0 })
})
