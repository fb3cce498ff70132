import { CredentialWatch } from './credential-watch.ts'
import { HeldBytes } from './held-bytes.ts'

/** Whom a transfer waits for. Nobody: the other side is what is slow, and the client's clock stands still. */
export type Waiting = 'nobody' | 'sender' | 'reader'

/** A transfer that waits for its client, in either direction. */
export interface Transfer {
  /** Bytes that the client has sent or taken so far. */
  progress(): number
  waitsFor(): Waiting
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
const answerBudgetBytes = 128 * 1024 * 1024

/**
 * Ends transfers whose clients are slower than the minimum rate over ten seconds, or silent. One timer serves all of
 * them: fast exchanges never enter the watch. It also counts the memory that slow clients make the gateway hold.
 */
export class TransferWatch extends HeldBytes {
  readonly credentials: CredentialWatch
  #options: TransferWatchOptions
  readonly #transfers = new Map<Transfer, Entry>()
  readonly #timer: NodeJS.Timeout

  /** @param changeEpoch moves when something was revoked */
  constructor(options: TransferWatchOptions, changeEpoch?: () => number) {
    super()
    this.#options = options
    this.credentials = new CredentialWatch(changeEpoch)
    this.#timer = setInterval(() => this.sweep(performance.now()), sweepMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#transfers.size
  }

  /** How much of an answer may wait in memory before its upstream is paused. */
  get answerBufferBytes(): number {
    return this.heldBytes < answerBudgetBytes ? roomyBufferBytes : tightBufferBytes
  }

  configure(options: TransferWatchOptions): void {
    this.#options = options
    // The authorities of client certificates are read anew with it.
    this.credentials.askAll()
  }

  add(transfer: Transfer, now = performance.now()): void {
    if (this.#transfers.has(transfer)) return
    const bytes = transfer.progress()
    this.#transfers.set(transfer, { windowStart: now, windowBytes: bytes, lastBytes: bytes, lastMoved: now })
  }

  remove(transfer: Transfer): void {
    this.#transfers.delete(transfer)
  }

  sweep(now: number): void {
    for (const [transfer, entry] of this.#transfers) {
      const waiting = transfer.waitsFor()
      const bytes = transfer.progress()
      if (bytes !== entry.lastBytes || waiting === 'nobody') {
        entry.lastBytes = bytes
        entry.lastMoved = now
      }
      if (waiting === 'nobody') {
        entry.windowStart = now
        entry.windowBytes = bytes
        continue
      }
      const problem = this.#judge(entry, waiting, bytes, now)
      if (problem === null) continue
      this.#transfers.delete(transfer)
      transfer.onSlow(problem)
    }
  }

  stop(): void {
    this.credentials.stop()
    clearInterval(this.#timer)
    this.#transfers.clear()
  }

  #judge(entry: Entry, waiting: Waiting, bytes: number, now: number): string | null {
    const silentMs = now - entry.lastMoved
    if (silentMs >= this.#options.idleTimeoutMs) return `silent for ${Math.round(silentMs)} ms`
    const elapsed = now - entry.windowStart
    const moved = bytes - entry.windowBytes
    if (elapsed < windowMs) return null
    // The system takes the next bytes only when a third of its own buffer is free, so that a reader seems to stand still
    // between large steps. Its rate is known at the end of a step; a step without end is what silence is for.
    if (moved === 0 && waiting === 'reader') return null
    entry.windowStart = now
    entry.windowBytes = bytes
    const perSecond = (moved * 1000) / elapsed
    return perSecond < this.#options.minBytesPerSecond ? `${Math.round(perSecond)} bytes per second` : null
  }
}
