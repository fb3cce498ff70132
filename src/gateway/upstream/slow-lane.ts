import type { Clock } from '../clock.ts'
import type { Call } from './call.ts'
import { SlowTransfers } from './slow-transfers.ts'
import { UploadLine } from './upload-line.ts'

/** How long a slow transfer may stand still while another client waits for what it holds. */
const stillMs = 2_000
const detail = 'ended for others that wait: its client is too slow'

/** Keeps transfers that wait for their clients out of the way of everybody else's, on one target. */
export class SlowLane {
  readonly #transfers: SlowTransfers
  readonly #uploads: UploadLine
  readonly #maxWaiting: number
  readonly #clock: Clock
  readonly #onAdmitted: (call: Call) => void

  /**
   * @param limit of slow transfers, beside as many connections for everything else
   * @param maxWaiting of long uploads; nor may one client fill that
   * @param onAdmitted an upload that waited may go on
   */
  constructor(limit: number, maxWaiting: number, clock: Clock, onAdmitted: (call: Call) => void) {
    this.#transfers = new SlowTransfers(limit)
    this.#uploads = new UploadLine(Math.max(1, Math.floor(maxWaiting / 8)), clock)
    this.#maxWaiting = maxWaiting
    this.#clock = clock
    this.#onAdmitted = onAdmitted
  }

  get size(): number {
    return this.#transfers.size
  }

  get waiting(): number {
    return this.#uploads.size
  }

  /** Takes a long upload in: `waiting` ends with `onAdmitted`. */
  enter(call: Call): 'admitted' | 'waiting' | 'full' {
    if (this.#transfers.admit(call)) return 'admitted'
    if (this.#uploads.size >= this.#maxWaiting || !this.#uploads.add(call)) return 'full'
    this.makeWay()
    return 'waiting'
  }

  /** The reader of an answer does not keep up. */
  onPaused(call: Call): void {
    if (!call.isSlow && !this.#transfers.admit(call)) this.#transfers.addExcess(call)
  }

  /** The call does not wait for its client any more, or has ended. */
  leave(call: Call): void {
    this.#transfers.remove(call)
    this.#admitUploads()
  }

  /** The call is not wanted any more. */
  withdraw(call: Call): void {
    this.#uploads.remove(call)
  }

  /** Ends the slowest of those that hold a connection which is not theirs to hold. False where there is none. */
  makeRoom(): boolean {
    return end(this.#transfers.findSlowest())
  }

  /** A long upload whose client holds less than its share does not wait for others that stand still. */
  makeWay(): void {
    const before = this.#clock.now - stillMs
    while (this.#uploads.some(({ request }) => this.#transfers.hasShare(request.clientKey))) {
      if (!end(this.#transfers.findStill(before))) return
    }
  }

  /** Uploads that have waited for longer than `limitMs`. */
  expired(limitMs: number): Call[] {
    return this.#uploads.size === 0 ? [] : this.#uploads.expired(limitMs)
  }

  #admitUploads(): void {
    while (this.#uploads.size > 0) {
      const call = this.#uploads.shift((waiting) => this.#transfers.admit(waiting))
      if (call === null) return
      this.#onAdmitted(call)
    }
  }
}

function end(call: Call | null): boolean {
  if (call === null || call.connection === null) return false
  call.connection.evict(detail)
  return true
}
