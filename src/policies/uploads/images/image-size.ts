import type { TypeName } from '../types/file-types.ts'
import { readAvifSize } from './avif-size.ts'
import { readJpegSize } from './jpeg-size.ts'
import { readWebpSize } from './webp-size.ts'

export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** `more`: too few bytes have come to tell. Null: they hold no size. */
export type SizeReading = ImageSize | 'more' | null

/** How an image's size is told from its beginning; nothing is decoded. */
export const sizeReaders: Readonly<Partial<Record<TypeName, (head: Buffer) => SizeReading>>> = {
  'image/png': readPngSize,
  'image/jpeg': readJpegSize,
  'image/gif': (head) => (head.length < 10 ? 'more' : { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }),
  'image/webp': readWebpSize,
  'image/avif': readAvifSize,
  'image/bmp': readBmpSize,
}

/** The header comes first (PNG, third edition, section 5.6). */
function readPngSize(head: Buffer): SizeReading {
  if (head.length < 24) return 'more'
  if (head.readUInt32BE(8) !== 13 || head.toString('latin1', 12, 16) !== 'IHDR') return null
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
}

/** Rows from the bottom up, or from the top down where the height is negative. */
function readBmpSize(head: Buffer): SizeReading {
  if (head.length < 26) return 'more'
  if (head.readUInt32LE(14) === 12) return { width: head.readUInt16LE(18), height: head.readUInt16LE(20) }
  return { width: Math.abs(head.readInt32LE(18)), height: Math.abs(head.readInt32LE(22)) }
}
