import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

// Sources run as they are in development; the published package holds their JavaScript.
const entry = new URL(`./checkpoint-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** A log that is shorter is moved soon enough as the file is closed. */
const minLogBytes = 1024 * 1024
const lookEveryMs = 250

/**
 * Moves what was committed from SQLite's log (WAL) into the file, on a thread of its own, started when there is enough
 * of it. Left to the one who writes, every thousandth page makes some commit wait for the disk, for up to 100 ms.
 */
export function startCheckpointer(path: string): { stop(): Promise<void> } {
  let worker: Worker | null = null
  let isBusy = false
  let isBroken = false
  let movedUntil = 0

  function start(): Worker {
    const started = new Worker(entry, { execArgv: [], workerData: path })
    started.unref()
    started.on('message', () => {
      isBusy = false
    })
    // The writer moves a log that has grown very long by itself.
    started.on('error', () => {
      isBroken = true
    })
    return started
  }

  function look(): void {
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
    if (isBusy || isBroken || log === undefined || log.size < minLogBytes || log.mtimeMs === movedUntil) return
    worker ??= start()
    isBusy = true
    movedUntil = log.mtimeMs
    worker.postMessage(null)
  }

  const timer = setInterval(() => {
    try {
      look()
    } catch {
      // A folder that may not be read any more, or no thread to be had: the writer finds out as well, and says so.
    }
  }, lookEveryMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      // Who waits for its end must not end before it.
      worker?.ref()
      await worker?.terminate()
    },
  }
}
