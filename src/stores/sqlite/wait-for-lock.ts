import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from '../ports/store-error.ts'

const firstPauseMs = 2
const longestPauseMs = 25

/**
 * Tries again while another connection holds the lock. SQLite's own waiting would block the thread, and for ever where
 * the one who holds the lock runs in this very thread.
 */
export async function waitForLock<T>(attempt: () => T, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return attempt()
    } catch (error) {
      const locked = error instanceof StoreError && error.failure === 'locked'
      if (!locked || performance.now() >= deadline) throw error
    }
    // By chance a little longer or shorter, so that two who wait do not meet again and again.
    await sleep(pauseMs * (0.5 + Math.random()))
  }
}
