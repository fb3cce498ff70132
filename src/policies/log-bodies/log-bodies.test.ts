import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  createTestExchange,
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
  type TestUpstreamAnswer,
} from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { redactorPorts, testRedactor } from '../../../test/support/redactor.ts'
import { toAscii } from '../../observe/json-text.ts'
import { bodyLimits } from '../body-limits/index.ts'
import { logBodies } from './index.ts'
import { splitText } from './log-lines.ts'
import type { LogBodiesOptions } from './options.ts'

interface Line {
  readonly requestId: string
  readonly of: 'request' | 'response'
  readonly mediaType: string
  readonly bytes: number
  readonly cut?: true
  readonly note?: string
  readonly part?: number
  readonly parts?: number
  readonly text?: string
}

const read = (options: unknown) => parseTestOptions(logBodies, options) as LogBodiesOptions
const json = { 'content-type': 'application/json' }

/** Takes a request through a route that records, and returns what was logged of it. */
async function record(request: TestRequest, options: object = {}) {
  const pipeline = await createTestPipeline(
    [{ policy: logBodies, options: { request: true, response: true, ...options } }, ...(request.policies ?? [])],
    request.route,
    { ports: redactorPorts, ...request },
  )
  const result = await runTestExchange({ method: 'POST', ...request, pipeline })
  for (const { level, event } of pipeline.log) assert.deepEqual([level, event], ['info', 'body'])
  return { ...result, lines: pipeline.log.map(({ fields }) => fields as unknown as Line) }
}

const recordRequest = async (body: TestRequest['body'], options: object = {}, headers: TestRequest['headers'] = json) =>
  (await record({ body: body ?? null, headers }, { response: false, ...options })).lines
const recordAnswer = async (upstream: TestUpstreamAnswer, options: object = {}) =>
  (await record({ method: 'GET', upstream }, { request: false, ...options })).lines
const chunks = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

test('bodies of requests and answers are recorded, and pass unchanged', async () => {
  const body = '{"name":"Ann","password":"hunter one"}'
  const answer = '{"id":7,"token":"hunter"}'
  const { lines, forwardedBody, ...result } = await record({ body, headers: json, upstream: { body: answer } })
  assert.equal(forwardedBody?.toString(), body)
  assert.equal(result.body, answer)
  const common = { requestId: 'request-1', mediaType: 'application/json', part: 1, parts: 1 }
  assert.deepEqual(lines, [
    { ...common, of: 'request', bytes: body.length, text: '{"name":"Ann","password":"[redacted]"}' },
    { ...common, of: 'response', bytes: answer.length, text: '{"id":7,"token":"[redacted]"}' },
  ])
})

test('a secret that the redaction of the log alone would write is hidden', async () => {
  for (const [type, body, text] of [
    ['application/xml', '<a><password>hunter</password></a>', '<a><password>[redacted]</password></a>'],
    ['text/plain', 'password: one two hunter', 'password:[redacted]'],
    ['application/json', '{"iban":"hunter"}', '{"iban":"[redacted]"}'],
  ] as const) {
    assert.match(testRedactor.redactText(body), /hunter/, body)
    const [line] = await recordRequest(body, { mask: ['/iban'] }, { 'content-type': type })
    assert.equal(line?.text, text)
  }
})

test('only what a route asks for is recorded', async () => {
  const both = { body: '{}', headers: json, upstream: { body: '{}' } }
  assert.deepEqual(
    (await record(both, { request: true, response: false })).lines.map((line) => line.of),
    ['request'],
  )
  assert.deepEqual(
    (await record(both, { request: false, response: true })).lines.map((line) => line.of),
    ['response'],
  )
  assert.deepEqual((await record({ ...both, blocks: { log: { level: 'warn', access: true } } })).lines, [])
  assert.deepEqual((await record({ ...both, blocks: { log: { level: 'info', access: false } } })).lines, [])
  assert.equal((await record({ ...both, blocks: { log: { level: 'info', access: true } } })).lines.length, 2)
})

test('the route names what else is hidden', async () => {
  const mask = ['iban', '/customer/cardNumber', '/list/*/name']
  const [line] = await recordRequest(
    '{"IBAN":"a","customer":{"cardNumber":"b","name":"c"},"cardNumber":1,"list":[{"name":"d"}]}',
    { mask },
  )
  assert.equal(
    line?.text,
    '{"IBAN":"[redacted]","customer":{"cardNumber":"[redacted]","name":"c"},"cardNumber":"[redacted]","list":[{"name":"[redacted]"}]}',
  )
})

test('a secret is hidden however it was split over chunks', async () => {
  const card = '4111111111111111'
  const body = Buffer.from(`{"a":"${card}","password":"hunter ä two","b":"é"}`)
  for (let size = 1; size < body.length; size++) {
    const lines = await recordRequest(chunks(body, size))
    assert.deepEqual(
      lines.map(({ text, bytes, cut }) => ({ text, bytes, cut })),
      [{ text: '{"a":"[redacted]","password":"[redacted]","b":"é"}', bytes: body.length, cut: undefined }],
    )
  }
})

test('a secret at the cut leaves no half behind', async () => {
  const forms = {
    'application/json': '{"a":"4111111111111111","password":"hunter one two"}',
    'application/x-www-form-urlencoded': 'a=4111111111111111&password=hunter+one+two',
    'application/xml': '<a><b>4111 1111 1111 1111</b><password>hunter one two</password></a>',
    'text/plain': 'card 4111 1111 1111 1111 password: hunter one two',
  }
  for (const [type, secret] of Object.entries(forms)) {
    for (let before = 0; before < 64; before++) {
      const body = ' '.repeat(before) + secret + ' '.repeat(200)
      const lines = await recordRequest(body, { maxBytes: '64B' }, { 'content-type': type })
      const text = lines.map((line) => line.text).join('')
      assert.doesNotMatch(text, /411|1111|hunt|one|two/, text)
      assert.equal(lines[0]?.cut, true)
    }
  }
})

test('of a huge body, what is kept and what is written is bounded', async () => {
  let sent = 0
  async function* huge() {
    for (; sent < 50 * 1024 * 1024; sent += 1024 * 1024) yield Buffer.alloc(1024 * 1024, '"')
  }
  const lines = await recordRequest(huge(), { maxBytes: '64KiB' }, { 'content-type': 'text/plain' })
  assert.equal(lines[0]?.bytes, 50 * 1024 * 1024)
  const one = await recordRequest(Buffer.alloc(200_000, 'ab '), { maxBytes: '64KiB' }, { 'content-type': 'text/plain' })
  assert.ok(one.length > 10)
  assert.deepEqual(
    one.map(({ part, parts, cut }) => ({ part, parts, cut })),
    one.map((_, at) => ({ part: at + 1, parts: one.length, cut: true })),
  )
  assert.ok(one.map(({ text }) => text).join('').length < 64 * 1024)
  for (const line of [...lines, ...one]) assert.ok(toAscii(JSON.stringify(line)).length < 3_800)
})

test('what is no text is noted and never written', async () => {
  const text = '{"a":"hunter"}'
  for (const [note, type, body, more] of [
    ['not text', 'image/png', Buffer.from(text)],
    ['not text', 'application/octet-stream', text],
    ['not text', 'multipart/form-data; boundary=x', text],
    ['no media type', 'json', text],
    ['no media type', '', text],
    ['encoded', 'application/json', gzipSync(text), { 'content-encoding': 'gzip' }],
    ['encoded', 'application/json', text, { 'content-encoding': 'identity, br' }],
    ['a part only', 'application/json', text, { 'content-range': 'bytes 5-18/900' }],
    ['another charset', 'application/json; charset=utf-16', Buffer.from(text, 'utf16le')],
    ['another charset', 'text/plain; charset="iso-8859-1"', text],
    ['control characters', 'text/plain', Buffer.from(text, 'utf16le')],
    ['control characters', 'text/plain', `p\0assword`],
    ['control characters', 'text/plain', '\u001b[2Jhunter'],
    ['not UTF-8', 'text/plain', Buffer.concat([Buffer.from(text), Buffer.from([0xff])])],
    ['not UTF-8', 'application/json', Buffer.from([0xc3])],
  ] as const) {
    const lines = await recordRequest(body, {}, { ...(type !== '' && { 'content-type': type }), ...more })
    assert.deepEqual(
      lines.map(({ note, text, cut, bytes }) => ({ note, text, cut, bytes })),
      [{ note, text: undefined, cut: true, bytes: Buffer.from(body).length }],
      `${note} ${type}`,
    )
  }
  const two = await recordRequest(text, {}, [
    ['content-type', 'application/json'],
    ['content-type', 'image/png'],
  ])
  assert.equal(two[0]?.note, 'no media type')
})

test('what is text is written as what it is', async () => {
  for (const [type, body, text] of [
    ['Application/Problem+JSON; Charset="UTF-8"', '{"secret":1}', '{"secret":"[redacted]"}'],
    ['application/soap+xml', '<secret>a b</secret>', '<secret>[redacted]</secret>'],
    ['text/csv; header=present', 'a,b\n1,2', 'a,b\n1,2'],
    ['application/json', '\ufeff{"a":1}', '{"a":1}'],
  ] as const) {
    const [line] = await recordRequest(body, {}, { 'content-type': type })
    assert.deepEqual([line?.text, line?.note], [text, undefined], type)
  }
  // What a client that is told no type sends as a form.
  for (const [type, body, text] of [
    ['application/x-www-form-urlencoded', '{"password":"a&b=c d"}', '{"password":"[redacted]"}'],
    ['application/x-www-form-urlencoded', '<password>a&b</password>', '<password>[redacted]</password>'],
    ['text/plain', ' {"credentials":{"a":"b"}}', ' {"credentials":"[redacted]"}'],
    ['text/plain', '<password>a b</password>', '<password>[redacted]</password>'],
    ['text/plain', '[info] password: a b', '[info] password:[redacted]'],
  ] as const) {
    const [line] = await recordRequest(body, {}, { 'content-type': type })
    assert.equal(line?.text, text)
  }
  const [broken] = await recordRequest('{"a":1,"password":hunter}')
  assert.deepEqual([broken?.text, broken?.note, broken?.cut], ['{"a":1,"password":', 'malformed', true])
})

test('no secret is cut in two between lines', async () => {
  // What the log tells by a field's name alone, at every place around the end of a line.
  for (let before = 3370; before < 3410; before++) {
    const lines = await recordRequest(`["${'x'.repeat(before)}","cookie","hunter=2"]`)
    assert.doesNotMatch(lines.map(({ text }) => text).join(''), /hunter/)
  }
})

test('long texts are split between characters, at their length as JSON', () => {
  for (const text of ['a'.repeat(100), '"\\'.repeat(50), '😀ä\n'.repeat(30), '\ud800\udc00\ud800'.repeat(20), '']) {
    const parts = splitText(text, 40)
    assert.equal(parts.join(''), text)
    for (const part of parts) {
      assert.ok(toAscii(JSON.stringify(part)).length <= 42)
      if (text.includes('😀')) assert.ok(part.isWellFormed())
    }
  }
})

test('what a refused request had sent is recorded, and our own answers are not', async () => {
  const body = Buffer.from(`{"password":"hunter","a":[${'1,'.repeat(2000)}1]}`)
  const policies = [{ policy: bodyLimits, options: { maxBytes: '2kB' } }]
  const late = await record({ body: chunks(body, 500), headers: json, policies })
  assert.equal(late.code, 'body_too_large')
  assert.deepEqual(
    late.lines.map(({ of, bytes, cut }) => ({ of, bytes, cut })),
    [{ of: 'request', bytes: 2000, cut: true }],
  )
  assert.ok(late.lines[0]?.text?.startsWith('{"password":"[redacted]","a":[1,'))
  const early = await record({ body, headers: json, policies })
  assert.deepEqual([early.code, early.lines], ['body_too_large', []])
})

test('a body that the application has read before is recorded as a whole', async () => {
  const pipeline = await createTestPipeline(
    [{ policy: logBodies, options: { request: true } }],
    {},
    { ports: redactorPorts },
  )
  const { exchange, run } = await createTestExchange({ method: 'POST', body: '{"pin":1}', headers: json, pipeline })
  await exchange.body.collect(Number.POSITIVE_INFINITY)
  await run()
  assert.equal(pipeline.log[0]?.fields.text, '{"pin":"[redacted]"}')
})

test('answers are recorded as they are sent', async () => {
  const [line] = await recordAnswer({ headers: json, body: '{"iban":"a","b":"c"}' }, { mask: ['/iban'] })
  assert.equal(line?.text, '{"iban":"[redacted]","b":"c"}')
  assert.deepEqual(await recordAnswer({ status: 204, body: null }), [])
  const [packed] = await recordAnswer({ headers: { ...json, 'content-encoding': 'br' }, body: 'hunter' })
  assert.deepEqual([packed?.note, packed?.text], ['encoded', undefined])
})

test('a route without the policy keeps nothing for it', async () => {
  const without = await createTestPipeline([{ policy: bodyLimits }])
  assert.deepEqual([without.pipeline.steps.length, without.pipeline.slotCount], [1, 1])
  const { exchange } = await runTestExchange({ method: 'POST', body: 'x', pipeline: without })
  assert.equal(exchange.slots.length, 1)
})

test('rejects bad configuration', () => {
  for (const bad of [
    {},
    { request: false, response: false },
    { request: 'yes' },
    { request: true, maxBytes: '1MiB' },
    { request: true, maxBytes: '1B' },
    { request: true, maxBytes: 100 },
    { request: true, mask: 'password' },
    { request: true, mask: [''] },
    { request: true, mask: ['/a~2'] },
    { request: true, mask: ['/*/*'] },
    { request: true, mask: ['x'.repeat(300)] },
    { request: true, reason: 'it stands beside the options' },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
  assert.throws(() => read({ request: true, masks: [] }), /masks/)
  assert.throws(() => read({}), /nothing is recorded/)
  assert.deepEqual(read({ response: true }), { request: false, response: true, maxBytes: 4096, mask: [] })
})

test('recording more, or hiding less, is looser', () => {
  const base = { request: true, maxBytes: '1KiB', mask: ['a', '/b'] }
  const compose = (own: object) => logBodies.compose(read(base), read({ ...base, ...own }))
  assert.equal(compose({}), 'tighter')
  assert.equal(compose({ maxBytes: '512B', mask: ['/b', 'a', 'c'] }), 'tighter')
  for (const own of [{ response: true }, { request: false, response: true }, { maxBytes: '2KiB' }, { mask: ['a'] }]) {
    assert.equal(compose(own), 'looser', JSON.stringify(own))
  }
})

test('warns of what it is, and where it has nothing to do', () => {
  const warn = (options: object, methods: readonly string[] = [], log?: object) => {
    const route = { id: 'x', path: '/', methods, hosts: [], upstream: 'a', authenticated: true }
    const context = { route, block: <T>() => log as T }
    return (logBodies.warnings?.(read(options), context) ?? []).map(({ text }) => text)
  }
  assert.deepEqual(warn({ request: true, response: true }), [
    'log-bodies: up to 4096 bytes of requests and answers are written into the log, personal data included',
  ])
  assert.match(warn({ request: true }, ['GET', 'HEAD'])[1] ?? '', /its requests have no bodies/)
  assert.equal(warn({ request: true }, ['GET', 'POST']).length, 1)
  assert.match(warn({ response: true }, ['GET'], { level: 'warn', access: true })[1] ?? '', /no line for exchanges/)
  assert.match(warn({ response: true }, ['GET'], { level: 'info', access: false })[1] ?? '', /no line for exchanges/)
})

for (const [method, options] of [
  ['GET', { request: true }],
  ['POST', { request: true, response: true, maxBytes: '1KiB' }],
  ['POST', { response: true }],
] as const) {
  test(`its probes pass: ${method} ${JSON.stringify(options)}`, async () => {
    for (const enforced of [true, false]) {
      const verdicts = await runProbes({
        policy: logBodies,
        options,
        method,
        enforced,
        request: { ports: redactorPorts, upstream: { status: 204 } },
      })
      assert.equal(verdicts.length, method === 'POST' && 'request' in options ? 2 : 1)
      for (const { name, failure } of verdicts) assert.equal(failure, null, name)
    }
  })
}
