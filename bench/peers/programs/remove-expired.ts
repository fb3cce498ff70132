// Removes what has ended, as a gateway does, and measures how long each batch holds up whoever else would write:
// `node remove-expired.ts STORE SECONDS [BATCH]`. Prints one line of JSON. BATCH is how many are removed at once, where that
// should not be what fits.
import { setTimeout as sleep } from 'node:timers/promises'
import { createArtefactStore } from '../../../src/stores/artefact-store.ts'
import { startPruner } from '../../../src/stores/pruner.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite-store.ts'

const [path, seconds, batch] = process.argv.slice(2) as [string, string, string?]
const store = await openSqliteStore({ path, serves: true })
const artefacts = createArtefactStore(store.db)
const tookMs: number[] = []
let removed = 0
let isDone = false

const pruner = startPruner({
  keptMs: 3_600_000,
  onFailure: (error) => console.error(error),
  store: {
    async removeEnded(before, limit) {
      const begunAt = performance.now()
      const size = batch === undefined ? limit : Number(batch)
      const count = await artefacts.removeEnded(before, size)
      tookMs.push(performance.now() - begunAt)
      removed += count
      isDone = count < size
      return isDone ? 0 : limit
    },
  },
})
const end = performance.now() + Number(seconds) * 1000
while (!isDone && performance.now() < end) await sleep(50)
await pruner.stop()
await store.close()
const sorted = tookMs.toSorted((a, b) => a - b)
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
console.log(
  JSON.stringify({ removed, batches: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: sorted.at(-1) }),
)
