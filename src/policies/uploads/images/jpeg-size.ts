import type { SizeReading } from './image-size.ts'

/** Walks the segments to the first frame header (ITU-T T.81 section B.1.1). */
export function readJpegSize(head: Buffer): SizeReading {
  let at = 2
  for (;;) {
    // Bytes of 0xFF before a marker fill up.
    while (head[at] === 0xff && head[at + 1] === 0xff) at++
    if (at + 9 > head.length) return 'more'
    if (head[at] !== 0xff) return null
    const marker = head[at + 1] as number
    if (isFrame(marker)) return { height: head.readUInt16BE(at + 5), width: head.readUInt16BE(at + 7) }
    const length = head.readUInt16BE(at + 2)
    // A scan before any frame, or a marker that has no length where a segment should be.
    if (marker < 0xc0 || marker === 0xda || (marker >= 0xd0 && marker <= 0xd9) || length < 2) return null
    at += 2 + length
  }
}

/** SOF0 to SOF15, without the tables that stand between them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}
