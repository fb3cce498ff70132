import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { type Coding, knownCodings, parseContentCoding } from './content-coding.ts'
import { createDecompression } from './decompression.ts'

const pack: Record<Coding, (bytes: Uint8Array) => Buffer> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
}

/** The code of the refusal, null where all passed. */
async function inspect(coding: Coding, chunks: readonly Uint8Array[], maxBytes: number): Promise<string | null> {
  const decompression = createDecompression(coding, maxBytes)
  try {
    for (const chunk of [...chunks, null]) {
      const decision = await decompression.inspect(chunk)
      if (decision.kind === 'refuse') return decision.code
    }
    return null
  } finally {
    decompression.close()
  }
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

const plain = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 5000 }),
  fc
    .tuple(fc.nat(255), fc.integer({ min: 1, max: 300_000 }))
    .map(([byte, length]) => new Uint8Array(length).fill(byte)),
)
const codings = fc.constantFrom(...knownCodings)
const cuts = fc.array(fc.nat(), { maxLength: 8 })

test('counts exactly, however the stream is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(codings, plain, cuts, async (coding, bytes, places) => {
      const chunks = split(pack[coding](bytes), places)
      assert.equal(await inspect(coding, chunks, bytes.length), null)
      assert.equal(await inspect(coding, chunks, bytes.length - 1), 'body_limits_decompressed')
    }),
    { numRuns: 200 },
  )
})

test('whatever is cut off or appended is found', async () => {
  await fc.assert(
    fc.asyncProperty(codings, plain, fc.nat(), cuts, async (coding, bytes, at, places) => {
      const packed = pack[coding](bytes)
      const cut = packed.subarray(0, at % packed.length)
      assert.equal(await inspect(coding, split(cut, places), bytes.length), 'body_limits_encoding_broken')
      const longer = Buffer.concat([packed, Buffer.from('!')])
      assert.equal(await inspect(coding, split(longer, places), bytes.length), 'body_limits_encoding_broken')
    }),
    { numRuns: 200 },
  )
})

test('garbage never throws and never hangs', async () => {
  await fc.assert(
    fc.asyncProperty(codings, fc.uint8Array({ maxLength: 300 }), cuts, async (coding, bytes, places) => {
      await inspect(coding, split(bytes, places), 1000)
    }),
    { numRuns: 300 },
  )
})

test('a Zstandard frame that asks for a window of more than 8 MiB is refused before memory is given', async () => {
  const compressor = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } })
  const parts: Buffer[] = []
  compressor.on('data', (part: Buffer) => parts.push(part))
  for (let i = 0; i < 12; i++) compressor.write(Buffer.alloc(1024 * 1024, i))
  compressor.end()
  await new Promise((resolve) => compressor.once('end', resolve))
  assert.equal(await inspect('zstd', parts, 1024 ** 3), 'body_limits_encoding_broken')
})

test('every chunk is judged, also when the next one comes before the verdict', { timeout: 5000 }, async () => {
  const packed = gzipSync(Buffer.from('a'.repeat(5000)))
  const at = (chunks: Uint8Array[], maxBytes: number) => {
    const decompression = createDecompression('gzip', maxBytes)
    return Promise.all([...chunks, null].map(async (chunk) => (await decompression.inspect(chunk)).kind))
  }
  assert.deepEqual(await at(split(packed, [5, 20]), 5000), ['next', 'next', 'next', 'next'])
  assert.equal((await at(split(packed, [5, 20]), 4999)).at(-1), 'refuse')
  const broken = await at([packed.subarray(0, 5), Buffer.from('not packed'), Buffer.from('x')], 5000)
  assert.deepEqual(broken.slice(-2), ['refuse', 'refuse'])
})

test('a decoder that was closed in the middle leaves nothing waiting', async () => {
  const decompression = createDecompression('gzip', 1000)
  await decompression.inspect(gzipSync('abc').subarray(0, 8))
  decompression.close()
  decompression.close()
})

test('reads the codings of a field', () => {
  for (const [value, kind] of [
    ['gzip', 'known'],
    ['GZip', 'known'],
    [' x-gzip ', 'known'],
    ['identity, br', 'known'],
    [',zstd,', 'known'],
    ['', 'none'],
    ['identity', 'none'],
    ['gzip, identity, br', 'stacked'],
    ['compress', 'unknown'],
    ['gzip;level=1', 'unknown'],
    ['g\u0000zip', 'unknown'],
    ['constructor', 'unknown'],
  ] as const) {
    assert.equal(parseContentCoding(value).kind, kind, value)
  }
})

test('only one known name reads as a known coding', () => {
  const token = fc.oneof(
    fc.constantFrom('gzip', 'br', 'identity', ' ', ',', ';', 'X-GZIP'),
    fc.string({ maxLength: 4 }),
  )
  fc.assert(
    fc.property(
      fc.array(token, { maxLength: 6 }).map((tokens) => tokens.join('')),
      (value) => {
        const parsed = parseContentCoding(value)
        if (parsed.kind === 'known')
          assert.match(
            value,
            /^[\s,]*(?:identity[\s,]*,[\s,]*)*(?:x-gzip|gzip|br|deflate|zstd)[\s,]*(?:,[\s,]*identity[\s,]*)*$/i,
          )
      },
    ),
    { numRuns: 3000 },
  )
})
