import type { ChangeEpoch } from './ports/change-log.ts'

/** How long cached answers may be used after the change log was read for the last time. */
export const staleAfterMs = 10_000

const epochAt = 0
const readAt = 1

/** The main thread's side of the epoch: the poller moves it, workers see it at once. */
export interface EpochWriter extends ChangeEpoch {
  /** Makes everything that was cached before unusable. */
  advance(): void
  /** Notes that the log has just been read. */
  touch(): void
}

/** Memory that all threads of one process share; given to workers as `workerData`. Not readable until first touched. */
export function createEpochBuffer(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
  Atomics.store(new Int32Array(buffer), readAt, ticks() - staleAfterMs / tickMs)
  return buffer
}

/** A worker's side of the epoch. */
export function openChangeEpoch(buffer: SharedArrayBuffer): ChangeEpoch {
  const cells = new Int32Array(buffer)
  return {
    current: () => Atomics.load(cells, epochAt),
    readable: () => isFresh(cells),
  }
}

export function openEpochWriter(buffer: SharedArrayBuffer): EpochWriter {
  const cells = new Int32Array(buffer)
  return {
    ...openChangeEpoch(buffer),
    advance: () => void Atomics.add(cells, epochAt, 1),
    touch: () => Atomics.store(cells, readAt, ticks()),
  }
}

const tickMs = 100

/**
 * The system's monotonic clock: the same in every thread and untouched when the time of day is set. Workers judge the
 * age by themselves, so that a main thread that hangs counts as a log that cannot be read.
 */
function ticks(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return (seconds * (1000 / tickMs) + Math.floor(nanoseconds / (tickMs * 1e6))) | 0
}

function isFresh(cells: Int32Array): boolean {
  return ((ticks() - Atomics.load(cells, readAt)) | 0) < staleAfterMs / tickMs
}
