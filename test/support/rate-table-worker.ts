import { parentPort, workerData } from 'node:worker_threads'
import { createSharedRateTable } from '../../src/stores/counters/shared-rate-table.ts'
import type { RateLimitSpec } from '../../src/stores/ports/rate-table.ts'

/** What a thread of `rate-table-threads.test.ts` is told to take, and from which table. */
export interface RateTableWork {
  readonly memory: SharedArrayBuffer
  /** One word; threads wait until it is 1, so that all begin at once. */
  readonly start: SharedArrayBuffer
  readonly spec: RateLimitSpec
  /** Taken in this order, `rounds` times over. */
  readonly keys: readonly string[]
  readonly rounds: number
  /** Keys of a limit that drains at once, taken in between, so that places are given away all the time. */
  readonly churn: { readonly spec: RateLimitSpec; readonly keys: number } | null
  /** How many times faster than the real one the table's clock runs, from when on. */
  readonly clock?: { readonly speed: number; readonly fromMs: number }
}

export interface RateTableOutcome {
  /** How often each key was admitted. */
  readonly admitted: readonly number[]
  readonly elapsedMs: number
}

const { memory, start, spec, keys, rounds, churn, clock } = workerData as RateTableWork
const table = createSharedRateTable(memory)
const now = clock === undefined ? () => performance.now() : () => (performance.now() - clock.fromMs) * clock.speed
const counter = table.open(spec)
const churned = churn === null ? null : table.open(churn.spec)

parentPort?.postMessage('ready')
Atomics.wait(new Int32Array(start), 0, 0)

const began = performance.now()
const admitted = keys.map(() => 0)
let turn = 0
for (let round = 0; round < rounds; round++) {
  for (let i = 0; i < keys.length; i++) {
    const result = counter.take(keys[i] as string, 1, now())
    if (!(result instanceof Promise) && result.admitted) admitted[i] = (admitted[i] as number) + 1
    if (churn !== null) churned?.take(`churn-${turn++ % churn.keys}`, 1, now())
  }
}
parentPort?.postMessage({ admitted, elapsedMs: performance.now() - began } satisfies RateTableOutcome)
