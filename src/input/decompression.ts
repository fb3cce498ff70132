import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { BodyInspector } from '../core/body.ts'
import { type Decision, next, type Refusal, refuse } from '../core/decision.ts'
import type { Coding } from './content-coding.ts'

/** Counts what a compressed body unpacks to, and throws the output away. */
export interface Decompression {
  readonly inspect: BodyInspector
  /** Frees the decoder's memory; the body may have ended early. */
  close(): void
}

// What follows the end of a stream is read by some decoders and ignored by others, so it is an error here.
export const strictDecoding = { rejectGarbageAfterEnd: true, chunkSize: 64 * 1024 }
// RFC 9659 section 3: a `Content-Encoding: zstd` body may not ask for a window of more than 8 MiB.
export const zstdWindow = { params: { [constants.ZSTD_d_windowLogMax]: 23 } }

const decoders: Readonly<Record<Coding, () => Transform>> = {
  gzip: () => createGunzip(strictDecoding),
  deflate: () => createInflate(strictDecoding),
  br: () => createBrotliDecompress(strictDecoding),
  zstd: () => createZstdDecompress({ ...strictDecoding, ...zstdWindow }),
}

/**
 * Unpacks beside the stream, one chunk at a time: the next chunk waits until this one is counted, and the decoder is
 * stopped as soon as the limit is passed, so a bomb costs at most the limit in time and a few chunks in memory.
 */
export function createDecompression(coding: Coding, maxBytes: number): Decompression {
  const decoder = decoders[coding]()
  let unpacked = 0
  let refusal: Refusal | null = null
  // Embedded in an application, the parser may hand over a chunk before the one before it was judged.
  const waiting = new Set<(decision: Decision) => void>()

  function stop(reason: Refusal): void {
    refusal ??= reason
    decoder.destroy()
    settle(refusal)
  }

  function settle(decision: Decision): void {
    for (const resolve of waiting) resolve(decision)
    waiting.clear()
  }

  decoder.on('data', (chunk: Buffer) => {
    unpacked += chunk.length
    if (unpacked > maxBytes) {
      stop(refuse('body_limits_decompressed', `${coding} unpacks to more than ${maxBytes} bytes`))
    }
  })
  decoder.on('end', () => settle(next))
  decoder.on('error', (error: NodeJS.ErrnoException) => {
    stop(refuse('body_limits_encoding_broken', `${coding}: ${error.code ?? error.message}`))
  })

  return {
    inspect(chunk) {
      if (refusal !== null) return refusal
      return new Promise((resolve) => {
        waiting.add(resolve)
        if (chunk === null) decoder.end()
        else {
          decoder.write(chunk, () => {
            if (waiting.delete(resolve)) resolve(refusal ?? next)
          })
        }
      })
    },
    close: () => void decoder.destroy(),
  }
}
