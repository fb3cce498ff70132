import type { Transform } from 'node:stream'
import { constants, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'

/** 8 MiB, as RFC 9659 has it for content codings: what a decoder keeps of what it has unpacked. */
const zstdWindow = { params: { [constants.ZSTD_d_windowLogMax]: 23 } }
// What follows the end is read by some programs and passed over by others.
const strict = { chunkSize: 64 * 1024, rejectGarbageAfterEnd: true }

const decoders = {
  deflate: () => createInflateRaw(strict),
  gzip: () => createGunzip(strict),
  zstd: () => createZstdDecompress({ ...strict, ...zstdWindow }),
} satisfies Record<string, () => Transform>

/** Unpacks a stream for whoever counts it; nothing is kept here. */
export interface Unpacking<Stop> {
  /** Settles when it is dealt with. Not to be called again before that. */
  write(packed: Buffer): Promise<Stop | null>
  end(): Promise<Stop | null>
  close(): void
}

/**
 * @param take sees what was unpacked; anything but null stops
 * @param broken what to stop with where the bytes are none of that coding
 */
export function createUnpacking<Stop>(
  coding: keyof typeof decoders,
  take: (unpacked: Buffer) => Stop | null,
  broken: Stop,
): Unpacking<Stop> {
  const decoder: Transform = decoders[coding]()
  let stopped: Stop | null = null
  let settle: ((stop: Stop | null) => void) | null = null

  function finish(stop: Stop | null): void {
    stopped ??= stop
    if (stopped !== null) decoder.destroy()
    settle?.(stopped)
    settle = null
  }

  decoder.on('data', (unpacked: Buffer) => {
    const stop = stopped ?? take(unpacked)
    if (stop !== null) finish(stop)
  })
  decoder.on('error', () => finish(broken))
  const run = (start: () => void) =>
    stopped !== null
      ? Promise.resolve(stopped)
      : new Promise<Stop | null>((resolve) => {
          settle = resolve
          start()
        })
  return {
    write: (packed) => run(() => decoder.write(packed, () => finish(null))),
    end: () =>
      run(() => {
        decoder.once('end', () => finish(null))
        decoder.end()
      }),
    close: () => void decoder.destroy(),
  }
}
