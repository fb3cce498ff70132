import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { runTestExchange } from '../../../../test/support/exchange.ts'
import { uploads } from '../index.ts'
import { createTar } from '../probes/tar-sample.ts'
import { createZip, type SampleEntry } from '../probes/zip-sample.ts'
import type { TypeName } from '../types/file-types.ts'

const limits = { maxBytes: '1MiB', maxEntries: 10, maxUnpackedBytes: '8MiB', maxRatio: 50 }

async function judge(
  type: TypeName,
  body: Uint8Array | readonly Uint8Array[],
  more: object = {},
): Promise<string | null> {
  const options = { types: [type], archives: { ...limits, ...more } }
  const policies = [{ policy: uploads, options }]
  const result = await runTestExchange({ method: 'PUT', headers: { 'content-type': type }, body, policies })
  return result.code === null ? null : `${result.code} ${JSON.parse(result.body).errors?.[0]?.rule}`
}

const zip = (entries: readonly SampleEntry[], more?: object) => judge('application/zip', createZip(entries), more)
const file = (more: Partial<SampleEntry> = {}): SampleEntry => ({ name: 'notes.txt', content: 'notes', ...more })
const zeros = (mebibytes: number) => Buffer.alloc(mebibytes * 1024 * 1024)

test('an honest archive passes: folders, deep paths, names of many languages, an archive in it', async () => {
  const inner = createZip([file()])
  const entries = [
    file({ name: 'folder/', content: '', mode: 0o40755 }),
    file({ name: 'folder/deep/notes.v1.txt', deflated: true }),
    file({ name: 'Überblick/数据.csv', content: 'a,b\n'.repeat(1000), deflated: true }),
    file({ name: 'inner.zip', content: inner }),
  ]
  assert.equal(await zip(entries), null)
  assert.equal(await zip([]), null)
  const bytes = createZip(entries)
  assert.equal(
    await judge(
      'application/zip',
      [...bytes].map((byte) => Buffer.from([byte])),
    ),
    null,
  )
})

test('entries that leave their folder, or are no files, are refused', async () => {
  for (const name of [
    ...[
      '../a.txt',
      'a/../../b.txt',
      '/etc/passwd',
      'C:/a.txt',
      'a\\..\\b.txt',
      '..',
      'a/./b',
      'a//b',
      'a.txt.',
      'aux.txt',
    ],
    ...['a\nb', `${'a'.repeat(1025)}`, ''],
  ]) {
    assert.equal(await zip([file({ name })]), 'uploads_archive path', JSON.stringify(name))
  }
  assert.equal(await zip([file({ mode: 0o120777 })]), 'uploads_archive link')
  assert.equal(await zip([file({ mode: 0o020644 })]), 'uploads_archive link')
})

test('bombs are counted, whatever their headers say, and cost no more than the limit', async () => {
  assert.equal(await zip([file({ content: zeros(2), deflated: true })]), 'uploads_archive maxRatio')
  assert.equal(
    await zip([file({ content: zeros(9), deflated: true })], { maxRatio: 100_000 }),
    'uploads_archive maxUnpackedBytes',
  )
  const lying = file({ content: zeros(2), deflated: true, claimedBytes: 10 })
  assert.equal(await zip([lying]), 'uploads_archive archive')
  const many = Array.from({ length: 11 }, (_, i) => file({ name: `${i}.txt` }))
  assert.equal(await zip(many), 'uploads_archive maxEntries')
  assert.equal(await zip(many.slice(1)), null)
  const large = createZip([file({ content: zeros(256), deflated: true })])
  const started = performance.now()
  assert.equal(await judge('application/zip', large, { maxRatio: 100_000 }), 'uploads_archive maxUnpackedBytes')
  assert.ok(performance.now() - started < 1000)
})

test('archives in archives are counted together, and only so deep', async () => {
  const nest = (depth: number): Buffer => createZip([file(depth === 1 ? {} : { content: nest(depth - 1) })])
  assert.equal(await judge('application/zip', nest(2)), null)
  assert.equal(await judge('application/zip', nest(3)), 'uploads_archive maxDepth')
  assert.equal(await judge('application/zip', nest(3), { maxDepth: 3 }), null)
  assert.equal(await judge('application/zip', nest(2), { maxDepth: 1 }), 'uploads_archive maxDepth')
  const bomb = createZip([file({ content: zeros(2), deflated: true })])
  assert.equal(await zip([file({ content: bomb })]), 'uploads_archive maxRatio')
  assert.equal(await zip([file({ content: gzipSync('x') })]), 'uploads_archive maxDepth')
})

test('encrypted archives, programs and macros are refused', async () => {
  assert.equal(await zip([file({ flags: 1 })]), 'uploads_archive encrypted')
  assert.equal(await zip([file({ content: '\x7fELF\x02' })]), 'uploads_archive executable')
  assert.equal(await zip([file({ name: 'x.class' })]), 'uploads_active active')
  assert.equal(await zip([file({ name: 'META-INF/MANIFEST.MF' })]), 'uploads_active active')
  const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  const parts = [file({ name: '[Content_Types].xml' }), file({ name: 'word/document.xml' })]
  assert.equal(await judge(word, createZip(parts)), null)
  assert.equal(await judge(word, createZip([...parts, file({ name: 'word/vbaProject.bin' })])), 'uploads_active active')
  assert.equal(await judge(word, createZip([file()])), 'uploads_type content')
  assert.equal(await zip(parts), 'uploads_type content')
})

test('what readers read differently is refused: both headers say the same, without gaps and overlaps', async () => {
  const honest = createZip([file({ name: 'a.txt' }), file({ name: 'b.txt' })])
  const directory = honest.indexOf('PK\x01\x02', 0, 'latin1')
  const changed = (change: (bytes: Buffer) => Buffer | undefined) => {
    const bytes = Buffer.from(honest)
    return judge('application/zip', change(bytes) ?? bytes)
  }
  const broken = 'uploads_archive archive'
  // Another name in the first file's own header than in the directory.
  assert.equal(await changed((bytes) => void bytes.write('x', 30)), broken)
  // Both entries are the same bytes.
  assert.equal(
    await changed((bytes) => void bytes.writeUInt32LE(0, bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')) + 42)),
    broken,
  )
  assert.equal(await changed((bytes) => Buffer.concat([bytes, Buffer.from('x')])), broken)
  assert.equal(
    await changed((bytes) =>
      Buffer.concat([bytes.subarray(0, directory), Buffer.from('gap'), bytes.subarray(directory)]),
    ),
    broken,
  )
  assert.equal(await changed((bytes) => bytes.subarray(0, -1)), broken)
  // Another content than the checksum is of.
  assert.equal(await changed((bytes) => void bytes.write('N', 35)), broken)
  // Two names that a file system which knows no case takes for one.
  assert.equal(await zip([file({ name: 'a.txt' }), file({ name: 'A.TXT' })]), broken)
})

test('whatever an archive is made of, judging it ends, and never as a fault', async () => {
  const honest = createZip([
    file({ name: 'a.txt', deflated: true, content: 'a'.repeat(500) }),
    file({ name: 'b/', content: '' }),
  ])
  const change = fc.tuple(fc.nat(honest.length - 1), fc.nat(255))
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = Buffer.from(honest)
      for (const [at, value] of changes) bytes[at] = value
      const verdict = await judge('application/zip', bytes)
      assert.ok(verdict === null || !verdict.includes('policy_fault'), `${verdict}`)
    }),
    { numRuns: 500 },
  )
})

test('gzip and Zstandard are counted while they pass, and a tar in them is followed', async () => {
  for (const [type, pack] of [
    ['application/gzip', gzipSync],
    ['application/zstd', zstdCompressSync],
  ] as const) {
    assert.equal(await judge(type, pack('text '.repeat(1000))), null)
    assert.equal(await judge(type, pack(zeros(2))), 'uploads_archive maxRatio')
    assert.equal(await judge(type, pack(zeros(9)), { maxRatio: 100_000 }), 'uploads_archive maxUnpackedBytes')
    assert.equal(await judge(type, pack('text').subarray(0, -1)), 'uploads_archive archive')
    assert.equal(await judge(type, Buffer.concat([pack('text'), Buffer.from('x')])), 'uploads_archive archive')
    assert.equal(await judge(type, pack(pack('text'))), 'uploads_archive maxDepth')
    assert.equal(await judge(type, pack('\x7fELF\x02')), 'uploads_archive executable')
    assert.equal(await judge(type, pack(createTar('a/b.txt', 'text'.repeat(5000)))), null)
    assert.equal(await judge(type, pack(createTar('../b.txt', 'text'))), 'uploads_archive path')
    assert.equal(await judge(type, pack(createTar('b', '', '2', '/etc/passwd'))), 'uploads_archive link')
    assert.equal(
      await judge(type, pack(createTar('a', 'x'.repeat(9000)).subarray(0, -2000))),
      'uploads_archive archive',
    )
  }
})

test('tar: names in extensions, links, what follows its end', async () => {
  const tar = (bytes: Buffer) => judge('application/x-tar', bytes)
  const joined = (...parts: Buffer[]) =>
    Buffer.concat([...parts.map((part) => part.subarray(0, -1024)), Buffer.alloc(1024)])
  const pax = (record: string) => createTar('pax', `${record.length + 3} ${record}\n`, 'x')
  assert.equal(await tar(createTar('a.txt', 'text')), null)
  assert.equal(await tar(joined(pax('path=folder/long.txt'), createTar('a.txt', 'text'))), null)
  assert.equal(await tar(joined(pax('path=../long.txt'), createTar('a.txt', 'text'))), 'uploads_archive path')
  assert.equal(await tar(joined(pax('linkpath=/etc'), createTar('a.txt', 'text'))), 'uploads_archive link')
  assert.equal(
    await tar(joined(createTar('long', '/etc/passwd\0', 'L'), createTar('a.txt', ''))),
    'uploads_archive path',
  )
  for (const kind of ['1', '2', '3', '4', '6']) {
    assert.equal(await tar(createTar('a', '', kind, '/etc/passwd')), 'uploads_archive link')
  }
  assert.equal(await tar(Buffer.concat([createTar('a', ''), createTar('../b', '')])), 'uploads_archive archive')
  assert.equal(await tar(createTar('a', 'text').subarray(0, -1500)), 'uploads_archive archive')
})

test('an archive that is longer than what is held is refused', async () => {
  const noise = createZip([file({ content: Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * 7919) & 255)) })])
  assert.equal(await judge('application/zip', noise, { maxBytes: '8kB' }), 'uploads_too_large archives.maxBytes')
})
