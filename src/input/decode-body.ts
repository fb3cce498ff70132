import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'

/** What a compressed body may unpack to where it is read whole. */
const maxBytes = 32 * 1024 * 1024

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  gzip: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: maxBytes }),
  'x-gzip': (bytes) => promisify(gunzip)(bytes, { maxOutputLength: maxBytes }),
  deflate: (bytes) => promisify(inflate)(bytes, { maxOutputLength: maxBytes }),
  br: (bytes) => promisify(brotliDecompress)(bytes, { maxOutputLength: maxBytes }),
  zstd: (bytes) => promisify(zstdDecompress)(bytes, { maxOutputLength: maxBytes }),
}

/** A body without its `Content-Encoding`; null where that is unknown, several, or not what the bytes are. */
export async function decodeBody(bytes: Uint8Array, coding: string): Promise<Uint8Array | null> {
  const name = coding.trim().toLowerCase()
  if (name === 'identity') return bytes
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined
  if (decode === undefined) return null
  try {
    return await decode(bytes)
  } catch {
    return null
  }
}
