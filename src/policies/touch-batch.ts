import type { PolicyLog } from '../core/telemetry.ts'
import type { SessionStore } from '../stores/ports/session-store.ts'

/** Gathers when sessions were used and writes it together: writing is not for the thread that serves. */
export interface TouchBatch {
  add(digest: string, at: number): void
  /** Writes what is there; also done by itself a second after the first use. */
  flush(): void
}

const flushAfterMs = 1000
const maxBatch = 2000

/** What cannot be written is dropped: the sessions then end a little earlier than they should, never later. */
export function createTouchBatch(store: Pick<SessionStore, 'touch'>, log: PolicyLog): TouchBatch {
  const touches = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let failing = false

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (touches.size === 0) return
    const batch = Array.from(touches, ([digest, at]) => ({ digest, at }))
    touches.clear()
    store.touch(batch).then(
      () => {
        failing = false
      },
      (error: unknown) => {
        if (!failing) log.warn('session_uses_unwritten', { error })
        failing = true
      },
    )
  }

  return {
    flush,
    add(digest, at) {
      touches.set(digest, at)
      if (touches.size >= maxBatch) flush()
      else timer ??= setTimeout(flush, flushAfterMs).unref()
    },
  }
}
