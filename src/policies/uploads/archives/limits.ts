import { type Finding, finding } from '../finding.ts'

export interface ArchiveLimits {
  /** The longest archive whose directory is read, in bytes. */
  readonly maxBytes: number
  readonly maxEntries: number
  /** What everything in it, at every depth, unpacks to. */
  readonly maxUnpackedBytes: number
  readonly maxRatio: number
  /** How many archives may stand in each other; 1 is an archive without archives. */
  readonly maxDepth: number
}

/** Below this no ratio is dangerous: short texts repeat themselves. */
const smallBytes = 1024 * 1024

/** What one uploaded archive unpacks to, counted while it is unpacked. */
export class UnpackBudget {
  readonly limits: ArchiveLimits
  #bytes = 0
  #entries = 0

  constructor(limits: ArchiveLimits) {
    this.limits = limits
  }

  addEntry(): Finding | null {
    this.#entries++
    const { maxEntries } = this.limits
    return this.#entries > maxEntries ? archiveFinding('maxEntries', `at most ${maxEntries} entries`) : null
  }

  /** @param packed how many bytes of the outermost file they came from */
  addBytes(count: number, packed: number): Finding | null {
    this.#bytes += count
    const { maxUnpackedBytes, maxRatio } = this.limits
    if (this.#bytes > maxUnpackedBytes)
      return archiveFinding('maxUnpackedBytes', `at most ${maxUnpackedBytes} bytes unpacked`)
    if (this.#bytes > smallBytes && this.#bytes > packed * maxRatio) {
      return archiveFinding('maxRatio', `at most ${maxRatio} times its size unpacked`)
    }
    return null
  }
}

export function archiveFinding(rule: string, expected: string): Finding {
  return finding('uploads_archive', rule, expected)
}

export const brokenArchive = archiveFinding('archive', 'an archive that every reader reads the same')
export const encryptedArchive = archiveFinding('encrypted', 'an archive that is not encrypted')
export const nestedArchive = archiveFinding('maxDepth', 'fewer archives in each other')
export const executableInArchive = archiveFinding('executable', 'an archive without programs')
export const pathInArchive = archiveFinding('path', 'entries that stay within the folder they are unpacked in')
export const linkInArchive = archiveFinding('link', 'files and folders only, no links or devices')
