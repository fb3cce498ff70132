import { setTimeout as sleep } from 'node:timers/promises'
import { PrunePace } from './prune-pace.ts'

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
  readonly now?: () => number
  /** Nothing is admitted or refused for it: what has ended is only kept for longer. */
  readonly onFailure: (error: unknown) => void
}

/** Longer than any clock of the deployment is expected to be wrong: a token must not come back to life with it. */
const dayMs = 86_400_000

/**
 * Forgets what has ended some time ago: revocations of tokens that have expired, failed attempts that no longer count.
 * Each batch is one statement that blocks the writing thread, and so small that nobody notices.
 */
export function startPruner(options: PrunerOptions): { stop(): Promise<void> } {
  const { store, intervalMs = 3_600_000, keptMs = dayMs, now = Date.now, onFailure } = options
  const pace = new PrunePace()
  let stopped = false
  let running: Promise<void> | null = null

  async function prune(): Promise<void> {
    try {
      while (!stopped) {
        const [{ size }, begunAt] = [pace, performance.now()]
        if ((await store.removeEnded(now() - keptMs, size)) < size) break
        await sleep(pace.note(performance.now() - begunAt))
      }
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
