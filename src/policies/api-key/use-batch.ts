import type { KeyUseRecorder } from '../../stores/ports/key-store.ts'

export interface UseBatch {
  add(id: string, at: number): void
  /** Hands over what is there; also done by itself a second after the first use. */
  flush(): void
}

const flushAfterMs = 1000
const maxBatch = 5000

/** Gathers the uses of keys in a worker and hands them on together: writing is not for the thread that serves. */
export function createUseBatch(recorder: KeyUseRecorder): UseBatch {
  const uses = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (uses.size === 0) return
    const batch = Array.from(uses, ([id, at]) => ({ id, at }))
    uses.clear()
    recorder.record(batch)
  }

  return {
    flush,
    add(id, at) {
      uses.set(id, at)
      if (uses.size >= maxBatch) flush()
      else timer ??= setTimeout(flush, flushAfterMs).unref()
    },
  }
}
