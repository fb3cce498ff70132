import { constants, fstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { maxLineBytes } from './line-length.ts'

/** Where lines are written to. */
export interface OpenDestination {
  readonly fd: number
  /** Whether it is a file on a disk: nothing else can be set aside, and nothing else takes half a write. */
  readonly isFile: boolean
  /** The most that is written at once. */
  readonly maxWriteBytes: number
}

const fileWriteBytes = 64 * 1024

/**
 * Opens a file, or a named pipe that somebody reads, to append to it.
 * @throws where it cannot be opened, in the operator's words
 */
export function openFile(path: string): OpenDestination {
  // Without O_NONBLOCK a pipe that nobody reads would hold up this thread.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return describe(openSync(path, flags, 0o600))
  } catch (error) {
    throw new Error(`the log cannot be written: ${(error as Error).message}`)
  }
}

/**
 * Writes to a reader that has stopped must not wait: they would hold up the threads that work for files and
 * cryptography, and the end of the process. A pipe or a terminal is opened once more for that, so that others who write
 * to it are not affected. A socket cannot be, nor can a pipe that belongs to another user: Node's own stream, once it
 * is looked at, makes that a descriptor whose writes do not wait.
 */
export function openStandard(fd: 1 | 2): OpenDestination {
  const kind = fstatSync(fd)
  if (kind.isFile()) return describe(fd)
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY
    return describe(openSync(`/proc/self/fd/${fd}`, flags))
  } catch {
    void (fd === 1 ? process.stdout : process.stderr)
    return describe(fd)
  }
}

function describe(fd: number): OpenDestination {
  const isFile = fstatSync(fd).isFile()
  return { fd, isFile, maxWriteBytes: isFile ? fileWriteBytes : maxLineBytes }
}
