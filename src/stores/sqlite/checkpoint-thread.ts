import { parentPort, workerData } from 'node:worker_threads'
import { SqliteFile } from './sqlite-file.ts'

const file = new SqliteFile({ path: workerData as string, readOnly: false, busyTimeoutMs: 0 })

/** 16 MiB: what is committed while the log is moved stays in it, so that one that is written to all the time only grows. */
const longPages = 4096
/** Each time less is left to move. Where nothing comes meanwhile, the next commit begins the log anew. */
const maxTries = 8
/** 48 MiB: the writer is kept out until all is moved. It waits for the disk meanwhile, for 20 to 120 ms. */
const tooLongPages = 12_288

parentPort?.on('message', () => {
  try {
    const length = checkpoint('passive')
    if (length >= longPages) moveToItsEnd(length)
  } catch {
    // Who writes finds out as well, and says so.
  }
  parentPort?.postMessage(null)
})

function moveToItsEnd(found: number): void {
  let length = found
  for (let tries = 0; tries < maxTries; tries++) {
    const before = length
    length = checkpoint('passive')
    if (length === before) return
  }
  if (length >= tooLongPages) checkpoint('full')
}

/** The length of the log, in pages. */
function checkpoint(mode: 'passive' | 'full'): number {
  const [result] = file.run(`pragma wal_checkpoint(${mode})`, []).rows as [{ readonly log: number }]
  return result.log
}
