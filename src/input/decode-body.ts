import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { type Coding, parseContentCoding } from './content-coding.ts'
import { strictDecoding, zstdWindow } from './decompression.ts'

export type Decoded =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problem: string }

interface Bounds {
  readonly maxOutputLength: number
  readonly rejectGarbageAfterEnd: boolean
}

const decoders: Readonly<Record<Coding, (bytes: Uint8Array, bounds: Bounds) => Promise<Uint8Array>>> = {
  gzip: (bytes, bounds) => promisify(gunzip)(bytes, bounds),
  deflate: (bytes, bounds) => promisify(inflate)(bytes, bounds),
  br: (bytes, bounds) => promisify(brotliDecompress)(bytes, bounds),
  zstd: (bytes, bounds) => promisify(zstdDecompress)(bytes, { ...bounds, ...zstdWindow }),
}

/** A whole body without its `Content-Encoding`, or in words why it cannot be had. */
export function decodeBody(bytes: Uint8Array | null, encoding: string, maxBytes: number): Decoded | Promise<Decoded> {
  if (bytes === null) return { ok: false, problem: 'the body was not collected' }
  const coding = parseContentCoding(encoding)
  if (coding.kind === 'none' || bytes.length === 0) return { ok: true, bytes }
  if (coding.kind !== 'known') return { ok: false, problem: 'the Content-Encoding is unknown, or several' }
  return unpack(bytes, coding.coding, maxBytes)
}

async function unpack(bytes: Uint8Array, coding: Coding, maxBytes: number): Promise<Decoded> {
  try {
    return { ok: true, bytes: await decoders[coding](bytes, { ...strictDecoding, maxOutputLength: maxBytes }) }
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return {
      ok: false,
      problem: isTooLarge ? `it unpacks to more than ${maxBytes} bytes` : 'it is not what its Content-Encoding says',
    }
  }
}
