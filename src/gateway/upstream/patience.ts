import { type Clock, isOver } from '../clock.ts'

/** How far a call is, as far as patience with its target goes. */
export interface Progress {
  /** Nothing of the request is left to be written. */
  readonly isWritten: boolean
  /** Bytes that the socket has not been rid of yet. */
  readonly unsentBytes: number
  readonly hasHead: boolean
  /** The client does not read on, so the target cannot send on. */
  readonly isPaused: boolean
}

/**
 * How long a target is waited for. The first-byte timeout runs from when the request was sent, up to the whole head;
 * the idle timeout while the target is the one to go on: to take the body, or to send the answer.
 */
export class Patience {
  readonly #clock: Clock
  #sentAt = 0
  #unsentBytes = 0
  #tookAt = 0
  #readAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onSend(): void {
    const { now } = this.#clock
    this.#sentAt = now
    this.#tookAt = now
    this.#unsentBytes = 0
  }

  /** The request is complete, or the target asked for more time with an interim answer. */
  onSent(): void {
    this.#sentAt = this.#clock.now
  }

  onRead(): void {
    this.#readAt = this.#clock.now
  }

  /** What the target has failed to do in time; null while there is patience left. Called at each sweep. */
  check(progress: Progress, firstByteTimeoutMs: number, idleTimeoutMs: number): string | null {
    const { isWritten, unsentBytes, hasHead, isPaused } = progress
    const { now } = this.#clock
    if (unsentBytes === 0 || unsentBytes !== this.#unsentBytes) {
      this.#unsentBytes = unsentBytes
      this.#tookAt = now
    } else if (isOver(this.#clock, this.#tookAt, idleTimeoutMs)) {
      return `took nothing of the request for ${idleTimeoutMs} ms`
    }
    if (!isWritten || unsentBytes > 0) this.#sentAt = now
    if (!hasHead) {
      return isOver(this.#clock, this.#sentAt, firstByteTimeoutMs) ? `no answer within ${firstByteTimeoutMs} ms` : null
    }
    if (isPaused || !isOver(this.#clock, this.#readAt, idleTimeoutMs)) return null
    return `sent nothing of its answer for ${idleTimeoutMs} ms`
  }
}
