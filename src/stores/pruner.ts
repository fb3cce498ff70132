import { setTimeout as sleep } from 'node:timers/promises'

/** A store of things that end. */
export interface Prunable {
  /** Forgets what has ended before a time, at most `limit` of it; how many at most. */
  removeEnded(before: number, limit: number): Promise<number>
}

export interface PrunerOptions {
  readonly store: Prunable
  /** Default an hour. */
  readonly intervalMs?: number
  /** How long what has ended is kept. Default a day. */
  readonly keptMs?: number
  /** The most that one statement removes. Default 1000. */
  readonly maxPerBatch?: number
  /** Between two batches. Default 50. */
  readonly pauseMs?: number
  readonly now?: () => number
  /** Nothing is admitted or refused for it: what has ended is only kept for longer. */
  readonly onFailure: (error: unknown) => void
}

/** Longer than any clock of the deployment is expected to be wrong: a token must not come back to life with it. */
const dayMs = 86_400_000

/**
 * Forgets what has ended some time ago: revocations of tokens that have expired, failed attempts that no longer count.
 * Each batch is one statement that blocks the writing thread.
 */
export function startPruner(options: PrunerOptions): { stop(): Promise<void> } {
  const {
    store,
    intervalMs = 3_600_000,
    keptMs = dayMs,
    maxPerBatch = 1000,
    pauseMs = 50,
    now = Date.now,
    onFailure,
  } = options
  let stopped = false
  let running: Promise<void> | null = null

  async function prune(): Promise<void> {
    try {
      while (!stopped && (await store.removeEnded(now() - keptMs, maxPerBatch)) === maxPerBatch) await sleep(pauseMs)
    } catch (error) {
      onFailure(error)
    }
  }

  function turn(): void {
    running ??= prune().finally(() => {
      running = null
    })
  }

  const timer = setInterval(turn, intervalMs).unref()
  turn()
  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
