/** A transfer that waits for its client, in either direction. */
export interface Transfer {
  /** Bytes that the client has sent or taken so far. */
  progress(): number
  /** False while the other side is what everybody waits for, so that the client's clock stands still. */
  waitsForClient(): boolean
  /** Bytes held in memory for the client. */
  held(): number
  /** The client was too slow, or silent for too long. */
  onSlow(detail: string): void
}

export interface TransferWatchOptions {
  readonly minBytesPerSecond: number
  readonly idleTimeoutMs: number
}

interface Entry {
  windowStart: number
  windowBytes: number
  lastBytes: number
  lastMoved: number
}

const windowMs = 10_000
const sweepMs = 1_000
/** What one answer may hold in memory for its reader, while the sum stays under the budget, and above it. */
const roomyBufferBytes = 1024 * 1024
const tightBufferBytes = 64 * 1024
const budgetBytes = 128 * 1024 * 1024

/**
 * Ends transfers whose clients are slower than the minimum rate over ten seconds, or silent. One timer serves all of
 * them: fast exchanges never enter the watch.
 */
export class TransferWatch {
  #options: TransferWatchOptions
  readonly #transfers = new Map<Transfer, Entry>()
  readonly #timer: NodeJS.Timeout
  #held = 0

  constructor(options: TransferWatchOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.sweep(performance.now()), sweepMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#transfers.size
  }

  /** Bytes held for slow clients at the last sweep. */
  get heldBytes(): number {
    return this.#held
  }

  /** How much of an answer may wait in memory before its upstream is paused. */
  get answerBufferBytes(): number {
    return this.#held < budgetBytes ? roomyBufferBytes : tightBufferBytes
  }

  configure(options: TransferWatchOptions): void {
    this.#options = options
  }

  add(transfer: Transfer): void {
    if (this.#transfers.has(transfer)) return
    const now = performance.now()
    const bytes = transfer.progress()
    this.#transfers.set(transfer, { windowStart: now, windowBytes: bytes, lastBytes: bytes, lastMoved: now })
  }

  remove(transfer: Transfer): void {
    this.#transfers.delete(transfer)
  }

  sweep(now: number): void {
    let held = 0
    for (const [transfer, entry] of this.#transfers) {
      held += transfer.held()
      const bytes = transfer.progress()
      if (bytes !== entry.lastBytes || !transfer.waitsForClient()) {
        entry.lastBytes = bytes
        entry.lastMoved = now
      }
      if (!transfer.waitsForClient()) {
        entry.windowStart = now
        entry.windowBytes = bytes
        continue
      }
      const problem = this.#judge(entry, bytes, now)
      if (problem === null) continue
      this.#transfers.delete(transfer)
      transfer.onSlow(problem)
    }
    this.#held = held
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#transfers.clear()
  }

  #judge(entry: Entry, bytes: number, now: number): string | null {
    if (now - entry.lastMoved >= this.#options.idleTimeoutMs)
      return `silent for ${Math.round(now - entry.lastMoved)} ms`
    const elapsed = now - entry.windowStart
    if (elapsed < windowMs) return null
    const perSecond = ((bytes - entry.windowBytes) * 1000) / elapsed
    entry.windowStart = now
    entry.windowBytes = bytes
    return perSecond < this.#options.minBytesPerSecond ? `${Math.round(perSecond)} bytes per second` : null
  }
}
