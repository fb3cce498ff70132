import type { KeyStore } from '../../stores/ports/key-store.ts'

/** Takes uses off keys that have a number of them. */
export interface UseSpender {
  /** Whether one use was left. Rejects when that cannot be known: the use may be lost then, and is not admitted. */
  spend(id: string): Promise<boolean>
}

interface Waiting {
  readonly resolve: (granted: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Requests of one worker that may wait at once. */
const maxWaiting = 5000

/**
 * Spends what came while the last transaction ran in the next one, so that many requests share one write. A request is
 * let on only after its use is on disk: whatever ends the process, no more pass than the key has uses.
 */
export function createUseSpender(store: Pick<KeyStore, 'spend'>): UseSpender {
  let gathering = new Map<string, Waiting[]>()
  let waiting = 0
  let running = false

  async function run(): Promise<void> {
    running = true
    while (gathering.size > 0) {
      const batch = [...gathering]
      gathering = new Map()
      await settle(batch)
    }
    running = false
  }

  async function settle(batch: readonly [string, Waiting[]][]): Promise<void> {
    try {
      const granted = await store.spend(batch.map(([id, all]) => ({ id, count: all.length })))
      for (const [i, [, all]] of batch.entries()) {
        for (const [place, one] of all.entries()) one.resolve(place < (granted[i] ?? 0))
      }
    } catch (error) {
      for (const [, all] of batch) for (const one of all) one.reject(error)
    }
    for (const [, all] of batch) waiting -= all.length
  }

  return {
    spend(id) {
      if (waiting >= maxWaiting)
        return Promise.reject(new Error(`${maxWaiting} requests wait for their use to be counted`))
      waiting++
      const { promise, resolve, reject } = Promise.withResolvers<boolean>()
      const all = gathering.get(id)
      if (all === undefined) gathering.set(id, [{ resolve, reject }])
      else all.push({ resolve, reject })
      if (!running) void run()
      return promise
    },
  }
}
