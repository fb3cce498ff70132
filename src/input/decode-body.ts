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
export async function decodeBody(bytes: Uint8Array, encoding: string, maxBytes: number): Promise<Decoded> {
  const coding = parseContentCoding(encoding)
  if (coding.kind === 'none') return { ok: true, bytes }
  if (coding.kind !== 'known') return { ok: false, problem: 'the Content-Encoding is unknown, or several' }
  try {
    return { ok: true, bytes: await decoders[coding.coding](bytes, { ...strictDecoding, maxOutputLength: maxBytes }) }
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const problem = isTooLarge
      ? `it unpacks to more than ${maxBytes} bytes`
      : 'it is not what its Content-Encoding says'
    return { ok: false, problem }
  }
}
