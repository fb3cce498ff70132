import type { Meter } from '../core/telemetry.ts'

/** Above this nothing is read whole any more. */
const budgetBytes = 256 * 1024 * 1024

/** Counts the memory of bodies that are held, and says when it is used up. */
export class HeldBytes {
  #held = 0

  /** Bytes of bodies that are held in memory: read whole, or not taken by their readers yet. */
  get heldBytes(): number {
    return this.#held
  }

  /** Whether so much more may be read whole. */
  hasRoom(bytes: number): boolean {
    return this.#held + bytes <= budgetBytes
  }

  hold(bytes: number): void {
    this.#held += bytes
  }

  release(bytes: number): void {
    this.#held -= bytes
  }
}

export function publishHeldBytes(meter: Meter, read: () => number): void {
  const help = 'Bytes of bodies held in memory: read whole, or not yet taken by their readers'
  meter.gauge('portcullis_held_bytes', help, read)
}
