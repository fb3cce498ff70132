import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of 20: a tenth of what a thread that serves gets of a core that both want. More, and log-ins would starve. */
const niceness = 10

/**
 * Lets this thread, and no other of the process, give way to those that serve requests. Only Linux has priorities of
 * threads; elsewhere nothing happens, and nothing depends on it.
 */
export function giveWay(): void {
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    if (Number.isSafeInteger(id) && id > 0) setPriority(id, niceness)
  } catch {
    // Another system, or a container without /proc.
  }
}
