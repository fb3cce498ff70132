import { parentPort, workerData } from 'node:worker_threads'
import { SqliteFile } from './sqlite-file.ts'

const file = new SqliteFile({ path: workerData as string, readOnly: false, busyTimeoutMs: 0 })

/** 16 MiB: a log that is written to all the time would never be moved to its end, and never begin anew. */
const longPages = 4096

parentPort?.on('message', () => {
  try {
    if (checkpoint('passive') >= longPages) {
      // Moves what came meanwhile, so that next to nothing is left to do while the writer waits.
      checkpoint('passive')
      checkpoint('full')
    }
  } catch {
    // Who writes finds out as well, and says so.
  }
  parentPort?.postMessage(null)
})

/** The length of the log, in pages. */
function checkpoint(mode: 'passive' | 'full'): number {
  const [result] = file.run(`pragma wal_checkpoint(${mode})`, []).rows as [{ readonly log: number }]
  return result.log
}
