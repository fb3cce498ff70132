import { finding, type Watch } from '../finding.ts'

/** The end of a ZIP archive stands within this many bytes of the file's end, its comment included. */
export const endOfArchiveBytes = 22 + 65_535
const signature = Buffer.from('PK\x05\x06', 'latin1')

/**
 * Refuses what is an archive too: ZIP is read from the end of a file, so anything can stand in front of one (a document
 * that is an applet, a picture with programs behind it).
 */
export function watchTail(): Watch {
  // Twice the length, so that what moves up is a fraction of what comes.
  const kept = Buffer.allocUnsafe(endOfArchiveBytes * 2)
  let length = 0
  return {
    write(bytes) {
      if (bytes.length >= endOfArchiveBytes) {
        length = bytes.copy(kept, 0, bytes.length - endOfArchiveBytes)
      } else {
        if (length + bytes.length > kept.length) {
          kept.copyWithin(0, length - endOfArchiveBytes, length)
          length = endOfArchiveBytes
        }
        length += bytes.copy(kept, length)
      }
      return null
    },
    end: () =>
      holdsArchiveEnd(kept.subarray(0, length)) ? finding('uploads_type', 'content', 'a file of one type') : null,
  }
}

/** Some readers look past what follows the archive, so only what the record itself says is looked at. */
function holdsArchiveEnd(tail: Buffer): boolean {
  for (let at = tail.indexOf(signature); at !== -1; at = tail.indexOf(signature, at + 1)) {
    if (at + 22 > tail.length) continue
    const [disk, entries, length] = [tail.readUInt32LE(at + 4), tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12)]
    if (disk === 0 && entries > 0 && length >= entries * 46) return true
  }
  return false
}
