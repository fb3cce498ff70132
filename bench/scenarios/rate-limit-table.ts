import { allocateRateMemory } from '../../src/stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../src/stores/counters/shared-rate-table.ts'
import { measureLoop, shuffledNumbers } from '../harness/measure-loop.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const keyCounts = [10, 10_000, 1_000_000] as const
const maxKeys = 1_000_000
const milliseconds = 300
const limit = { id: 'bench', limit: 10_000_000, windowMs: 3_600_000, burst: 10_000_000 }
/** Taken beforehand, so that no key is drained, and so forgotten, while the run lasts. */
const cost = limit.burst / 2

/** One decision of the limiter when its table holds few and many keys. */
export const rateLimitTable: Scenario = {
  name: 'rate-limit-table',
  title: 'Rate-limit table: one decision, by keys held',
  async run(bench) {
    const memory = allocateRateMemory(maxKeys)
    const tables = keyCounts.map((count) => {
      const table = createSharedRateTable(count === maxKeys ? memory : allocateRateMemory(maxKeys))
      const counter = table.open(limit)
      const keys = Array.from({ length: count }, (_, i) => `client-${i.toString(36).padStart(8, '0')}`)
      for (const key of keys) counter.take(key, cost, performance.now())
      // Keys lie in memory in the order of use: a real one was just read from a request, so it is in the cache.
      const order = shuffledNumbers(count, 1 << 20)
      const asked = Array.from(order, (number) => `client-${number.toString(36).padStart(8, '0')}`)
      return { asked, counter, held: table.stats().entries, samples: [] as number[] }
    })
    for (let round = -1; round < bench.rounds; round++) {
      for (const { asked, counter, samples } of tables) {
        const now = performance.now()
        const nanoseconds = measureLoop(milliseconds, (i) =>
          counter.take(asked[i & (asked.length - 1)] as string, 1, now),
        )
        // The first round only warms up.
        if (round >= 0) samples.push(nanoseconds)
      }
    }
    const [few, , many] = tables as [(typeof tables)[0], (typeof tables)[0], (typeof tables)[0]]
    return {
      claims: [
        {
          text: 'rate-limit table: decision time at 1 000 000 keys vs 10',
          must: { ratio: '<=', value: 3 },
          got: toSpread(pairedRatios(many.samples, few.samples)),
        },
        {
          text: 'rate-limit table: bytes per key',
          must: { amount: '<=', value: 64, unit: 'bytes' },
          got: toSpread([memory.byteLength / maxKeys]),
        },
      ],
      table: [
        ['keys', 'held by the table', 'ns per decision', 'range'],
        ...tables.map(({ samples, held }, i) => {
          const { median, min, max } = toSpread(samples)
          return [`${keyCounts[i]}`, `${held}`, median.toFixed(0), `${min.toFixed(0)}–${max.toFixed(0)}`]
        }),
      ],
      notes: [
        `The table has room for ${maxKeys} keys: ${(memory.byteLength / 2 ** 20).toFixed(1)} MiB of shared memory.`,
      ],
    }
  },
}
