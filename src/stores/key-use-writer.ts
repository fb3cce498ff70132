import type { KeyStore, KeyUse, KeyUseRecorder } from './ports/key-store.ts'

export interface KeyUseWriterOptions {
  readonly store: Pick<KeyStore, 'recordUses'>
  /** How often what was gathered is written, in one transaction. Default 1000. */
  readonly intervalMs?: number
  /** Called once when writing stops to work. Nothing is refused for it: a last use is information, not protection. */
  readonly onFailure: (error: unknown) => void
  readonly onRecovery?: () => void
}

export interface KeyUseWriter extends KeyUseRecorder {
  /** Writes what is there now. */
  flush(): Promise<void>
  /** Keys whose use waits to be written, for a gauge. */
  readonly waiting: number
  /** Writes what is left and stops. */
  close(): Promise<void>
}

/** More keys than are used in a second; what comes on top while the store cannot write is dropped. */
const maxWaiting = 50_000
/** Each batch is one transaction that blocks the writing thread. */
const maxPerBatch = 2000

/** The one place that writes last uses: batches of all workers arrive here, in the thread that may write. */
export function createKeyUseWriter(options: KeyUseWriterOptions): KeyUseWriter {
  const { store, intervalMs = 1000, onFailure, onRecovery } = options
  const waiting = new Map<string, number>()
  let failing = false
  let writing: Promise<void> | null = null

  function record(uses: readonly KeyUse[]): void {
    for (const { id, at } of uses) {
      const known = waiting.get(id)
      if (known === undefined ? waiting.size < maxWaiting : known < at) waiting.set(id, at)
    }
  }

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const batch = Array.from(waiting.entries().take(maxPerBatch), ([id, at]) => ({ id, at }))
      for (const { id } of batch) waiting.delete(id)
      try {
        await store.recordUses(batch)
      } catch (error) {
        record(batch)
        if (!failing) onFailure(error)
        failing = true
        return
      }
      if (failing) onRecovery?.()
      failing = false
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = null
    })
    return writing
  }

  const timer = setInterval(flush, intervalMs).unref()
  return {
    record,
    flush,
    get waiting() {
      return waiting.size
    },
    async close() {
      clearInterval(timer)
      await flush()
      await flush()
    },
  }
}
