import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import pino from 'pino'
import type { LogDestination } from './options.ts'

/** A destination of log lines that never blocks an exchange. */
export interface LogStream {
  write(line: string): void
  /** Begins anew at the same path, after the file was set aside. */
  reopen(): void
  /** Writes out what is held back, at once. */
  flush(): void
  /** Lines that were lost because the destination did not keep up. */
  readonly dropped: number
}

/** One write holds whole lines only, and a pipe takes so much at once: threads never tear each other's lines. */
const maxWriteBytes = 4096
/** What may wait for a destination that does not keep up. */
const maxHeldBytes = 16 * 1024 * 1024

export function openLogStream(to: LogDestination): LogStream {
  if (to !== 'stdout') mkdirSync(dirname(to.file), { recursive: true, mode: 0o700 })
  const stream = pino.destination({
    dest: to === 'stdout' ? 1 : to.file,
    append: true,
    mode: 0o600,
    sync: false,
    minLength: maxWriteBytes - 1,
    maxWrite: to === 'stdout' ? maxWriteBytes : 64 * 1024,
    maxLength: maxHeldBytes,
    periodicFlush: 200,
  })
  let dropped = 0
  stream.on('drop', () => dropped++)
  // A full disk or a closed pipe must not end the process; the next write tries again.
  stream.on('error', () => dropped++)
  return {
    write: (line) => void stream.write(line),
    reopen: () => {
      if (to !== 'stdout') stream.reopen()
    },
    flush: () => {
      try {
        stream.flushSync()
      } catch {
        // Not opened yet, or broken: there is nowhere to say it.
      }
    },
    get dropped() {
      return dropped
    },
  }
}
