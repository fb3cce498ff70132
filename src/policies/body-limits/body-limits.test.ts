import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync, gzipSync } from 'node:zlib'
import {
  createTestExchange,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { bodyLimits } from './index.ts'
import type { BodyLimitsOptions } from './options.ts'

const read = (options: unknown) => parseTestOptions(bodyLimits, options) as BodyLimitsOptions
const call = (request: TestRequest, options: unknown = {}, mode: 'enforce' | 'observe' = 'enforce') =>
  runTestExchange({ method: 'POST', ...request, policies: [{ policy: bodyLimits, options, mode }] })
const chunks = (count: number, size: number) => Array.from({ length: count }, () => Buffer.alloc(size, 'x'))
const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024))

test('an ordinary request passes, its body unchanged', async () => {
  const body = JSON.stringify({ items: [1, 2, 3] })
  const plain = await call({ body, query: 'page=1&size=20', headers: { accept: 'application/json' } })
  assert.equal(plain.forwardedBody?.toString(), body)
  const packed = gzipSync(body)
  const compressed = await call({ body: packed, headers: { 'content-encoding': 'gzip' } })
  assert.deepEqual(compressed.forwardedBody, packed)
  assert.equal((await call({ method: 'GET' })).forwarded, true)
})

test('a declared body that is too long is refused before a byte of it is read', async () => {
  const body = Buffer.alloc(1024 * 1024 + 1)
  assert.equal((await runTestExchange({ method: 'POST', body })).forwarded, true)
  const { status, code, forwarded, exchange } = await call({ body })
  assert.deepEqual([status, code, forwarded], [413, 'body_too_large', false])
  assert.equal((exchange.body as unknown as { chunksRead: number }).chunksRead, 0)
  assert.equal((await call({ body: body.subarray(1) })).forwarded, true)
})

test('a body of undeclared length is counted', async () => {
  assert.equal((await call({ body: chunks(11, 1000) }, { maxBytes: '10kB' })).code, 'body_too_large')
  assert.equal((await call({ body: chunks(10, 1000) }, { maxBytes: '10kB' })).forwarded, true)
})

test('a limit is only ever lowered', async () => {
  const { exchange, run } = await createTestExchange({
    method: 'POST',
    body: 'x',
    policies: [
      { policy: bodyLimits, options: { maxBytes: '1kB' } },
      { policy: bodyLimits, options: { maxBytes: '1MB' } },
    ],
  })
  await run()
  assert.equal(exchange.body.maxBytes, 1000)
})

test('a URL that is too long is refused', async () => {
  assert.equal((await call({ path: `/${'x'.repeat(8191)}` })).forwarded, true)
  assert.equal((await call({ path: `/${'x'.repeat(8192)}` })).code, 'uri_too_long')
  const split = { path: `/${'x'.repeat(4095)}`, query: 'x'.repeat(4096) }
  assert.equal((await call(split)).status, 414)
  assert.equal((await call({ ...split, query: 'x'.repeat(4095) })).forwarded, true)
})

test('query parameters are counted by either separator', async () => {
  const options = { maxQueryParameters: 3 }
  for (const query of ['', 'a', 'a=1&b=2&c=3', 'a=1;b=2&c', '&&']) {
    assert.equal((await call({ query }, options)).forwarded, true, query)
  }
  for (const query of ['a&b&c&d', 'a;b;c;d', 'a&b;c&d', '&&&']) {
    assert.equal((await call({ query }, options)).code, 'body_limits_parameters', query)
  }
  assert.equal((await call({ query: 'a' }, { maxQueryParameters: 0 })).status, 400)
  assert.equal((await call({ query: '' }, { maxQueryParameters: 0 })).forwarded, true)
})

test('header fields are counted, and their bytes', async () => {
  const fields = (count: number, value: string) => Array.from({ length: count }, (_, i) => [`x-${i}`, value] as const)
  assert.equal((await call({ headers: fields(100, '') })).forwarded, true)
  assert.equal((await call({ headers: fields(101, '') })).status, 431)
  // `x-0: …` and a line end are 7 bytes beside the value.
  const options = { maxHeaderBytes: '1KiB' }
  assert.equal((await call({ headers: fields(1, 'v'.repeat(1017)) }, options)).forwarded, true)
  assert.equal((await call({ headers: fields(1, 'v'.repeat(1018)) }, options)).code, 'header_too_large')
})

test('a compressed bomb is refused; without the policy it reaches the upstream', async () => {
  const request = { method: 'POST', body: bomb, headers: { 'content-encoding': 'gzip' } }
  assert.equal((await runTestExchange(request)).forwarded, true)
  const { status, code, forwarded } = await call(request)
  assert.deepEqual([status, code, forwarded], [413, 'body_limits_decompressed', false])
})

test('a bomb or a body without end costs no more than the limit: reading stops', async () => {
  async function* endless() {
    for (;;) yield Buffer.from('x')
  }
  async function* explosive() {
    const whole = gzipSync(Buffer.alloc(16 * 1024 * 1024))
    for (let i = 0; i < whole.length; i += 256) yield whole.subarray(i, i + 256)
  }
  const early = await createTestExchange({
    method: 'POST',
    body: explosive(),
    headers: { 'content-encoding': 'gzip' },
    policies: [{ policy: bodyLimits, options: { maxDecompressedBytes: '1MiB' } }],
  })
  assert.equal((await early.run()).code, 'body_limits_decompressed')
  // 256 packed bytes are about 256 KiB, so the sixth chunk is the last that can be asked for.
  assert.ok((early.exchange.body as unknown as { chunksRead: number }).chunksRead <= 6)
  const never = await call({ body: endless() }, { maxBytes: '1kB' })
  assert.deepEqual([never.forwarded, never.code], [false, 'body_too_large'])
})

test('fails closed: broken, cut off, continued and mislabelled bodies are refused', async () => {
  const packed = gzipSync('{"a":1}')
  for (const [name, coding, body] of [
    ['no gzip', 'gzip', Buffer.from('{"a":1}')],
    ['cut off', 'gzip', packed.subarray(0, -1)],
    ['empty', 'gzip', [] as Uint8Array[]],
    ['a second member', 'gzip', Buffer.concat([packed, packed])],
    ['something after it', 'gzip', [packed, Buffer.from('{"b":2}')]],
    ['zeros after it', 'gzip', Buffer.concat([packed, Buffer.alloc(8)])],
    ['raw deflate', 'deflate', deflateRawSync('{"a":1}')],
    ['another coding', 'br', packed],
  ] as const) {
    const { code, status, forwarded } = await call({ body, headers: { 'content-encoding': coding } })
    assert.deepEqual([code, status, forwarded], ['body_limits_encoding_broken', 400, false], name)
  }
})

test('stacked and unknown codings are refused, and the answer says which are accepted', async () => {
  for (const coding of ['gzip, gzip', 'gzip,br', 'compress', 'zip', 'aes128gcm', 'gzip;q=1', '"gzip"', 'gzip gzip']) {
    const { code, status, headers } = await call({ body: bomb, headers: { 'content-encoding': coding } })
    assert.deepEqual([code, status], ['body_limits_encoding_refused', 415], coding)
    assert.equal(headers.get('accept-encoding'), 'gzip, deflate, br, zstd')
  }
  const twice = await call({
    body: bomb,
    headers: [
      ['content-encoding', 'identity'],
      ['content-encoding', 'gzip'],
    ],
  })
  assert.equal(twice.code, 'body_limits_decompressed')
  const none = await call({ body: bomb, headers: { 'content-encoding': 'gzip' } }, { encodings: [] })
  assert.deepEqual([none.status, none.headers.get('accept-encoding')], [415, 'identity'])
})

test('unknown codings pass by an explicit switch only, and stacked ones never', async () => {
  const options = { encodings: ['gzip'], unsafeAllowUnknownEncodings: { reason: 'encrypted by the client' } }
  const code = async (coding: string) =>
    (await call({ body: 'x', headers: { 'content-encoding': coding } }, options)).code
  assert.equal(await code('aes128gcm'), null)
  assert.equal(await code('br'), 'body_limits_encoding_refused')
  assert.equal(await code('aes128gcm, gzip'), 'body_limits_encoding_refused')
})

test('a body that the application has read before is checked as a whole', async () => {
  const { exchange, run } = await createTestExchange({
    method: 'POST',
    body: bomb,
    headers: { 'content-encoding': 'gzip' },
    policies: [{ policy: bodyLimits }],
  })
  await exchange.body.collect(Number.POSITIVE_INFINITY)
  assert.equal((await run()).code, 'body_limits_decompressed')
})

test('observe mode lets everything pass and records each finding', async () => {
  const seen = async (request: TestRequest, options?: unknown) => {
    const { forwarded, exchange } = await call(request, options, 'observe')
    assert.equal(forwarded, true)
    return exchange.observed?.map(({ code }) => code)
  }
  assert.deepEqual(await seen({ body: chunks(3, 1000) }, { maxBytes: '1kB' }), ['body_too_large'])
  assert.deepEqual(await seen({ body: bomb, headers: { 'content-encoding': 'gzip' } }), ['body_limits_decompressed'])
  assert.deepEqual(await seen({ body: 'x', headers: { 'content-encoding': 'zip' } }), ['body_limits_encoding_refused'])
  assert.equal(await seen({ body: 'x' }), undefined)
})

test('rejects bad configuration', () => {
  for (const bad of [
    { maxBytes: 1024 },
    { maxBytes: '1 parsec' },
    { maxQueryParameters: -1 },
    { maxHeaders: 1.5 },
    { encodings: ['compress'] },
    { maxUrlBytes: '1MiB' },
    { unsafeAllowUnknownEncodings: true },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
  assert.throws(() => read({ maxbytes: '1MiB' }), /maxbytes/)
})

test('composes member by member', () => {
  const compose = (inherited: object, own: object) => bodyLimits.compose(read(inherited), read(own))
  assert.equal(compose({}, {}), 'tighter')
  assert.equal(compose({}, { maxBytes: '10KiB', encodings: [] }), 'tighter')
  for (const own of [
    { maxBytes: '2MiB' },
    { maxBytes: '10KiB', maxDecompressedBytes: '11MiB' },
    { maxQueryParameters: 101 },
    { maxHeaders: 101 },
    { maxHeaderBytes: '17KiB' },
    { maxUrlBytes: '9KiB' },
    { unsafeAllowUnknownEncodings: { reason: 'x' } },
  ]) {
    assert.equal(compose({}, own), 'looser', JSON.stringify(own))
  }
  assert.equal(compose({ encodings: ['gzip'] }, { encodings: ['br'] }), 'looser')
})

for (const options of [
  {},
  { maxBytes: '2KiB', maxDecompressedBytes: '64KiB', encodings: ['br'] },
  { encodings: ['zstd'] },
]) {
  test(`probes pass with the policy and their attacks fail without it: ${JSON.stringify(options)}`, async () => {
    const run = { policy: bodyLimits, options, method: 'POST' }
    const on = await runProbes({ ...run, enforced: true })
    assert.ok(on.length >= 8)
    assert.deepEqual(
      on.filter(({ failure }) => failure !== null),
      [],
    )
    const off = await runProbes({ ...run, enforced: false })
    assert.deepEqual(
      off.filter(({ kind, failure }) => (kind === 'attack') === (failure === null)),
      [],
    )
  })
}
