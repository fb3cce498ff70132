import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  createTestExchange,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { type TestPart, toMultipart } from '../../../test/support/multipart.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { uploads } from './index.ts'
import type { UploadsOptions } from './options.ts'
import { createPng, samples } from './probes/samples.ts'
import { createZip } from './probes/zip-sample.ts'
import { toFileType, typeNames } from './types/file-types.ts'

const read = (options: unknown) => parseTestOptions(uploads, options) as UploadsOptions
const all = { types: typeNames }
const call = (request: TestRequest, options: unknown = all, mode: 'enforce' | 'observe' = 'enforce') =>
  runTestExchange({ method: 'POST', ...request, policies: [{ policy: uploads, options, mode }] })
const form = (parts: readonly TestPart[], options?: unknown, mode?: 'observe') =>
  call(toMultipart(parts), options, mode)
const png = (more: Partial<TestPart> = {}): TestPart => ({
  name: 'avatar',
  fileName: 'me.png',
  type: 'image/png',
  bytes: createPng(1, 1),
  ...more,
})
/** The code and the rule that the caller is told, or null where the request passed. */
async function judge(parts: readonly TestPart[], options?: unknown): Promise<string | null> {
  const { code, body, forwarded } = await form(parts, options)
  assert.equal(forwarded, code === null)
  return code === null ? null : `${code} ${JSON.parse(body).errors?.[0]?.rule ?? ''}`.trim()
}

describe('an honest file passes unchanged', () => {
  for (const type of typeNames) {
    test(type, async () => {
      const { declared, extensions } = toFileType(type)
      const bytes = samples[type]()
      for (const one of declared) {
        const raw = await call({ body: bytes, headers: { 'content-type': one } })
        assert.deepEqual([raw.code, raw.forwardedBody], [null, bytes])
      }
      for (const extension of extensions) {
        const sent = toMultipart([png({ fileName: `Überblick 2.${extension}`, type: declared[0] as string, bytes })])
        const { code, forwardedBody } = await call(sent)
        assert.deepEqual([code, forwardedBody], [null, sent.body])
      }
      const bytewise = toMultipart([png({ fileName: `a.${extensions[0]}`, type: declared[0] as string, bytes })])
      const cut = await call({ ...bytewise, body: [...bytewise.body].map((byte) => Buffer.from([byte])) })
      assert.deepEqual([cut.code, cut.forwardedBody], [null, bytewise.body])
    })
  }
})

test('what a file is decides, not what it is called: without the policy a program passes as a picture', async () => {
  const program = Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0', 'latin1')
  const sent = toMultipart([png({ bytes: program })])
  assert.equal((await runTestExchange({ method: 'POST', ...sent })).forwarded, true)
  const { status, code, forwarded } = await call(sent)
  assert.deepEqual([status, code, forwarded], [415, 'uploads_type', false])
})

test('content, declared type and extension have to agree, and the type has to be allowed', async () => {
  for (const [part, rule] of [
    [png({ type: 'image/jpeg' }), 'contentType'],
    [png({ type: 'application/octet-stream' }), 'contentType'],
    [png({ fileName: 'me.jpg' }), 'extension'],
    [png({ bytes: samples['image/gif']() }), 'contentType'],
    [png({ bytes: '' }), 'content'],
    [png({ bytes: '<html><script>alert(1)</script>', fileName: 'a.txt', type: 'text/plain' }), 'types'],
    [png({ bytes: '<?xml version="1.0"?><x/>', fileName: 'a.txt', type: 'text/plain' }), 'types'],
    [png({ bytes: 'plain\0text', fileName: 'a.txt', type: 'text/plain' }), 'types'],
    [png({ bytes: `${'a'.repeat(5000)}\xff`, fileName: 'a.txt', type: 'text/plain' }), null],
    [
      png({ bytes: Buffer.from(`${'a'.repeat(5000)}\xff`, 'latin1'), fileName: 'a.txt', type: 'text/plain' }),
      'content',
    ],
    [png({ bytes: '#!/bin/sh\nrm -rf /', fileName: 'a.txt', type: 'text/plain' }), 'types'],
  ] as const) {
    assert.equal(await judge([part]), rule === null ? null : `uploads_type ${rule}`)
  }
  assert.equal(await judge([png()], { types: ['image/jpeg'] }), 'uploads_type types')
  const raw = await call({ body: createPng(1, 1), headers: { 'content-type': 'image/gif' } })
  assert.equal(raw.code, 'uploads_type')
  assert.equal((await call({ body: createPng(1, 1) })).code, 'uploads_type')
})

test('a file is one file: what else stands in it, or behind its end, is found', async () => {
  const archive = createZip([{ name: 'evil.class', content: 'x' }])
  const gif = samples['image/gif']()
  const script = Buffer.from('GIF89a/*\x01\x00\x80\x00\x00*/=1;alert(1)//', 'latin1')
  const jpeg = samples['image/jpeg']()
  const comment = Buffer.from('<?php system($_GET[0]); ?>')
  for (const [type, name, bytes, expected] of [
    ['image/png', 'a.png', Buffer.concat([createPng(1, 1), archive]), 'uploads_type content'],
    ['image/png', 'a.png', Buffer.concat([createPng(1, 1), Buffer.from('x')]), 'uploads_type content'],
    ['image/png', 'a.png', createPng(1, 1).subarray(0, -1), 'uploads_type content'],
    ['image/gif', 'a.gif', script, 'uploads_type content'],
    ['image/gif', 'a.gif', Buffer.concat([gif, Buffer.from('<script>')]), 'uploads_type content'],
    ['image/jpeg', 'a.jpg', Buffer.concat([jpeg, archive]), 'uploads_type content'],
    ['image/jpeg', 'a.jpg', Buffer.concat([jpeg, comment]), 'uploads_active active'],
    ['image/jpeg', 'a.jpg', Buffer.concat([jpeg, Buffer.alloc(70_000), comment]), 'uploads_active active'],
    ['application/pdf', 'a.pdf', Buffer.concat([samples['application/pdf'](), archive]), 'uploads_type content'],
    ['application/pdf', 'a.pdf', Buffer.concat([archive, samples['application/pdf']()]), 'uploads_type contentType'],
    [
      'application/pdf',
      'a.pdf',
      '%PDF-1.4\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>',
      'uploads_active active',
    ],
    ['application/pdf', 'a.pdf', '%PDF-1.4\n<</OpenAction<</S/J#61vaScript/J#53 5 0 R>>>>', 'uploads_active active'],
    ['image/jpeg', 'a.jpg', Buffer.concat([jpeg, Buffer.from('<?=`$_GET[0]`?>')]), 'uploads_active active'],
    ['image/jpeg', 'a.jpg', Buffer.concat([jpeg, Buffer.from('__HALT_COMPILER(); ?>')]), 'uploads_active active'],
    ['video/mp4', 'a.mp4', Buffer.concat([samples['video/mp4'](), archive]), 'uploads_type content'],
    ['application/gzip', 'a.gz', Buffer.concat([gzipSync('x'), archive]), 'uploads_archive archive'],
  ] as const) {
    assert.equal(
      await judge([png({ type, fileName: name, bytes })], { ...all, image: { maxWidth: 65_535 } }),
      expected,
      `${type} ${expected}`,
    )
  }
})

test('pictures are bounded by what their headers say, before anything decodes them', async () => {
  const limits = { types: ['image/png'], image: { maxWidth: 100, maxHeight: 50, maxPixels: 2000 } }
  for (const [width, height, rule] of [
    [100, 20, null],
    [101, 1, 'maxWidth'],
    [1, 51, 'maxHeight'],
    [50, 41, 'maxPixels'],
    [0, 1, 'image'],
  ] as const) {
    const expected = rule === null ? null : `uploads_image ${rule}`
    assert.equal(await judge([png({ bytes: createPng(width, height) })], limits), expected)
  }
})

test('files are counted and measured: each, by field, and in all', async () => {
  const big = png({ bytes: createPng(100, 100) })
  const length = (big.bytes as Buffer).length
  assert.equal(await judge([big], { ...all, maxFileBytes: `${length}B` }), null)
  assert.equal(await judge([big], { ...all, maxFileBytes: `${length - 1}B` }), 'uploads_too_large maxBytes')
  const total = { ...all, maxFileBytes: `${length}B`, maxTotalBytes: `${length * 2}B` }
  assert.equal(await judge(Array(2).fill(big), total), null)
  assert.equal(await judge(Array(3).fill(big), total), 'uploads_too_large maxTotalBytes')
  assert.equal(await judge(Array(3).fill(png()), { ...all, maxFiles: 2 }), 'uploads_count maxFiles')
  const raw = await call(
    { body: createPng(9, 9), headers: { 'content-type': 'image/png' } },
    { ...all, maxFileBytes: '9B' },
  )
  assert.deepEqual([raw.status, raw.code], [413, 'uploads_too_large'])
})

test('with `fields`, files stand in these only, each with rules of its own', async () => {
  const options = {
    fields: {
      avatar: { types: ['image/png'], maxBytes: '1kB', image: { maxWidth: 64 } },
      notes: { types: ['text/plain'], maxCount: 2 },
    },
  }
  const note = { name: 'notes', fileName: 'a.txt', type: 'text/plain', bytes: 'notes' }
  const title = { name: 'title', bytes: 'A title' }
  assert.equal(await judge([title, png(), note, note], options), null)
  assert.equal(await judge([note, note, note], options), 'uploads_count maxCount')
  assert.equal(await judge([png({ name: 'other' })], options), 'uploads_field fields')
  assert.equal(await judge([png({ name: 'notes' })], options), 'uploads_type types')
  assert.equal(await judge([png({ bytes: createPng(65, 1) })], options), 'uploads_image maxWidth')
  assert.equal(await judge([{ name: 'avatar', bytes: '#!/bin/sh' }], options), 'uploads_field file')
  assert.equal(
    await judge([{ name: 'title', type: 'image/png', bytes: createPng(1, 1) }], options),
    'uploads_field fields',
  )
  const raw = await call({ body: createPng(1, 1), headers: { 'content-type': 'image/png' } }, options)
  assert.equal(raw.code, 'uploads_type')
})

test('plain fields are bounded', async () => {
  const title = { name: 'title', bytes: 'A title' }
  assert.equal(await judge([title], { ...all, maxPlainFields: 1 }), null)
  assert.equal(await judge([title, title], { ...all, maxPlainFields: 1 }), 'uploads_count maxPlainFields')
  assert.equal(await judge([title], { ...all, maxPlainFieldBytes: '6B' }), 'uploads_too_large maxPlainFieldBytes')
})

test('fails closed: bodies that servers read differently, other multipart types, codings and upgrades are refused', async () => {
  const honest = toMultipart([png()])
  const bytes = honest.body
  for (const body of [
    bytes.subarray(0, -10),
    Buffer.concat([Buffer.from('x'), bytes]),
    Buffer.concat([bytes, Buffer.from('x')]),
    Buffer.from(bytes.toString('latin1').replace('filename=', "filename*=utf-8''x.exe; filename="), 'latin1'),
  ]) {
    assert.equal((await call({ ...honest, body })).code, 'uploads_malformed')
  }
  const mixed = { 'content-type': 'multipart/mixed; boundary=test-boundary' }
  assert.equal((await call({ ...honest, headers: mixed })).code, 'uploads_type')
  const coded = { ...honest.headers, 'content-encoding': 'gzip' }
  assert.equal((await call({ headers: coded, body: gzipSync(bytes) })).code, 'uploads_encoding')
  assert.equal((await call({ ...honest, upgrade: 'websocket' })).code, 'uploads_upgrade')
  assert.equal((await call({ method: 'GET' })).forwarded, true)
})

test('a file is refused before its last byte went on, however it comes', async () => {
  const whole = Buffer.concat([createPng(1, 1), createZip([{ name: 'a', content: 'x' }])])
  const declared = await createTestExchange({
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: Buffer.concat([samples['image/jpeg'](), createZip([{ name: 'a', content: 'x' }])]),
    policies: [{ policy: uploads, options: all }],
  })
  assert.equal((await declared.run()).code, 'uploads_type')
  // The first chunk decides: the rest is never asked for.
  async function* endless() {
    yield whole.subarray(0, 8)
    for (;;) yield Buffer.alloc(65_536)
  }
  const streamed = await createTestExchange({
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    body: endless(),
    policies: [{ policy: uploads, options: all }],
  })
  assert.equal((await streamed.run()).code, 'uploads_image')
  assert.ok((streamed.exchange.body as unknown as { chunksRead: number }).chunksRead <= 3)
})

test('a body that another policy or the application has read is judged as a whole', async () => {
  for (const [part, code] of [
    [png(), null],
    [png({ type: 'image/gif' }), 'uploads_type'],
  ] as const) {
    const { exchange, run } = await createTestExchange({
      method: 'POST',
      ...toMultipart([part]),
      policies: [{ policy: uploads, options: all }],
    })
    await exchange.body.collect(Number.POSITIVE_INFINITY)
    assert.equal((await run()).code, code)
  }
})

test('names that ask for it are rewritten, and nothing else in the body', async () => {
  const options = { ...all, names: 'normalise' }
  const parts = (fileName: string) =>
    toMultipart([{ name: 'title', bytes: 'x' }, png({ fileName }), png({ fileName: 'b.png' })])
  const rewritten = await call(
    { ...parts('../shell.php.png'), headers: { ...parts('').headers, 'content-digest': 'x' } },
    options,
  )
  assert.deepEqual([rewritten.code, rewritten.forwardedBody], [null, parts('shell_php.png').body])
  assert.equal(rewritten.exchange.headers.has('content-digest'), false)
  const kept = await call(parts('a b.png'), options)
  assert.deepEqual(kept.forwardedBody, parts('a b.png').body)
  assert.equal((await call(parts('..'), options)).code, 'uploads_name')
  assert.equal((await call(parts('../shell.php.png'))).code, 'uploads_name')
  assert.deepEqual((await call(parts('../a.png'), options, 'observe')).forwardedBody, parts('../a.png').body)
})

test('the caller is told place and rule, and nothing that came', async () => {
  const { body } = await form([png({ fileName: 'secret-name.exe' })])
  const { errors } = JSON.parse(body)
  assert.deepEqual(errors, [
    { in: 'body', at: 'avatar', rule: 'extension', expected: 'a name that ends as what it is: png' },
  ])
  assert.doesNotMatch(body, /secret-name/)
})

test('observe mode lets everything pass and records the first finding', async () => {
  const bad = png({ type: 'image/gif' })
  const { forwarded, exchange } = await form([bad, bad], all, 'observe')
  assert.equal(forwarded, true)
  assert.deepEqual(exchange.observed, [{ policy: 'uploads', code: 'uploads_type' }])
})

test('rejects bad configuration', () => {
  for (const bad of [
    {},
    { types: [] },
    { types: ['image/*'] },
    { types: ['application/x-msdownload'] },
    { fields: {} },
    { fields: { avatar: {} } },
    { types: ['image/png'], maxFileBytes: 1024 },
    { types: ['image/png'], maxFileBytes: '1GiB' },
    { types: ['image/png'], names: 'rewrite' },
    { types: ['image/png'], unsafeAllowActive: true },
    { types: ['image/png'], archives: { maxDepth: 9 } },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
})

test('composes member by member', () => {
  const compose = (inherited: object, own: object) => uploads.compose(read(inherited), read(own))
  const base = { types: ['image/png', 'image/gif'] }
  for (const own of [
    base,
    { types: ['image/png'] },
    { ...base, maxFiles: 1 },
    { fields: { a: { types: ['image/gif'] } } },
  ]) {
    assert.equal(compose(base, own), 'tighter', JSON.stringify(own))
  }
  for (const own of [
    { types: ['image/jpeg'] },
    { ...base, maxFiles: 11 },
    { ...base, names: 'normalise' },
    { ...base, antivirus: false },
    { ...base, image: { maxPixels: 50_000_001 } },
    { ...base, archives: { maxRatio: 101 } },
    { ...base, unsafeAllowActive: { reason: 'x' } },
    { fields: { a: { types: ['image/jpeg'] } } },
    { fields: { a: { types: ['image/png'], maxBytes: '11MiB' } } },
  ]) {
    assert.equal(compose(base, own), 'looser', JSON.stringify(own))
  }
  assert.equal(compose({ fields: { a: { types: ['image/png'] } } }, base), 'looser')
})

for (const options of [
  all,
  { fields: { avatar: { types: ['image/png', 'image/svg+xml'] } } },
  { types: ['video/mp4'] },
]) {
  test(`probes pass with the policy and their attacks fail without it: ${JSON.stringify(options).slice(0, 60)}`, async () => {
    const run = { policy: uploads, options, method: 'POST' }
    const on = await runProbes({ ...run, enforced: true })
    assert.ok(on.length >= 8)
    assert.deepEqual(
      on.filter(({ failure }) => failure !== null),
      [],
    )
    const off = await runProbes({ ...run, enforced: false })
    assert.deepEqual(
      off.filter(({ kind, failure }) => (kind === 'attack') !== (failure !== null)),
      [],
    )
  })
}
