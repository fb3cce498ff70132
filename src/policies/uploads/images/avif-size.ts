import type { ImageSize, SizeReading } from './image-size.ts'

/** Boxes that hold boxes, and how many bytes of their own come before those. */
const containers: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 }
const maxBoxes = 1000

/** The largest of the sizes that the items have (`ispe`, ISO/IEC 23008-12 section 6.5.3). */
export function readAvifSize(head: Buffer): SizeReading {
  const found = { width: 0, height: 0, boxes: 0 }
  const end = walk(head, 0, head.length, found)
  if (found.width > 0) return { width: found.width, height: found.height }
  return end === 'more' ? 'more' : null
}

type Found = { -readonly [Key in keyof ImageSize]: number } & { boxes: number }

/** `more`: the bytes end within a box that matters. */
function walk(bytes: Buffer, start: number, end: number, found: Found): 'more' | 'done' {
  let at = start
  while (at < end && found.boxes++ < maxBoxes) {
    if (at + 8 > bytes.length) return 'more'
    const size = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (size < 8) return 'done'
    if (type === 'ispe') {
      if (at + 20 > bytes.length) return 'more'
      found.width = Math.max(found.width, bytes.readUInt32BE(at + 12))
      found.height = Math.max(found.height, bytes.readUInt32BE(at + 16))
    }
    const own = Object.hasOwn(containers, type) ? containers[type] : undefined
    if (own !== undefined) {
      // Half of a list of sizes might hide the largest.
      if (at + size > bytes.length) {
        found.width = 0
        return 'more'
      }
      walk(bytes, at + 8 + own, at + size, found)
      if (type === 'meta') return 'done'
    }
    at += size
  }
  return 'more'
}
