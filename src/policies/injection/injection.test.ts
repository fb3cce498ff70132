import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  createTestExchange,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { injectionClasses } from '../../injection/finding.ts'
import { injection } from './index.ts'
import type { InjectionOptions } from './options.ts'

const attack = "x' UNION SELECT id, email, card FROM customers --"
const honest = 'O\'Brien & Sons: select 1 or 2 from the list -- it\'s "fine"'
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const read = (options: unknown = {}) => parseTestOptions(injection, options) as InjectionOptions
const call = (request: TestRequest, options: unknown = {}, mode: 'enforce' | 'observe' = 'enforce') =>
  runTestExchange({ ...request, policies: [{ policy: injection, options, mode }] })
const post = (body: TestRequest['body'], headers: Record<string, string>, options: unknown = {}) =>
  call({ method: 'POST', body: body ?? null, headers }, options)
const errorsOf = ({ body }: { body: string }) => (JSON.parse(body) as { errors: Record<string, string>[] }).errors
const part = (head: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n--b--\r\n`
const multipart = { 'content-type': 'multipart/form-data; boundary=b' }

/** A request with a value in each place where one can stand. */
const placed = (value: string): Record<string, TestRequest> => ({
  path: { params: { id: value } },
  query: { query: `q=${encodeURIComponent(value)}` },
  'name in the query': { query: `${encodeURIComponent(value)}=1` },
  header: { headers: { referer: value } },
  cookie: { headers: { cookie: `a=${encodeURIComponent(value)}` } },
  JSON: { method: 'POST', headers: json, body: JSON.stringify({ a: [{ b: value }] }) },
  'name in JSON': { method: 'POST', headers: json, body: JSON.stringify({ a: { [value]: 1 } }) },
  form: { method: 'POST', headers: form, body: `q=${encodeURIComponent(value)}` },
  multipart: { method: 'POST', headers: multipart, body: part('name="q"', value) },
  'file name': {
    method: 'POST',
    headers: multipart,
    body: part(`name="q"; filename="${value.replaceAll('"', '')}"`, 'x'),
  },
  text: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: value },
  binary: { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: value },
  compressed: {
    method: 'POST',
    headers: { ...json, 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify([value])),
  },
})

const bare = '1 or 1=1'
const field = (head: string, value: string | Buffer, type = 'text/plain') =>
  Buffer.concat([
    Buffer.from(`--b\r\nContent-Disposition: form-data; ${head}\r\nContent-Type: ${type}\r\n\r\n`),
    Buffer.from(value as string),
    Buffer.from('\r\n--b--\r\n'),
  ])
const xml = { 'content-type': 'application/xml' }

/** What a server finds that reads more leniently, or once more. */
const hidden: Record<string, TestRequest> = {
  'a field that is no UTF-8': {
    headers: multipart,
    body: field('name="q"', Buffer.concat([Buffer.from(attack), Buffer.from([0xff])])),
  },
  'a field with an empty file name': { headers: multipart, body: field('name="q"; filename=""', attack) },
  'JSON in a field': { headers: multipart, body: field('name="q"', JSON.stringify({ id: bare }), 'application/json') },
  'JSON in text': { headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ id: bare }) },
  'JSON in the query': { query: `filter=${encodeURIComponent(JSON.stringify([{ id: bare }]))}` },
  'JSON in text with a member twice': {
    headers: { 'content-type': 'text/plain' },
    body: `{"id":2,"id":"${bare}"}`,
  },
  'JSON in JSON in JSON': {
    headers: json,
    body: JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ id: bare }) }) }),
  },
  'JSON that is no UTF-8, under another type': {
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.concat([Buffer.from(JSON.stringify({ q: attack })), Buffer.from([0xff])]),
  },
  'an element': { headers: xml, body: `<q>${bare}</q>` },
  'an attribute': { headers: xml, body: `<q id = '${bare}'/>` },
  'entities of XML': { headers: xml, body: '<q>&lt;script&gt;alert(1)&lt;/script&gt;</q>' },
  'comments and sections of XML': {
    headers: xml,
    body: "<q>x' uni<!-- -->on sel<![CDATA[ect id from users --]]></q>",
  },
  'a query that is no UTF-8': { query: `id=${encodeURIComponent(bare)}&x=%ff` },
  'a parameter behind a semicolon': { query: `a=1;id=${encodeURIComponent(bare)}` },
  'the rest of a path': { params: { '**': `users/${bare}` } },
  'a name that changes every object': { headers: json, body: '{"a":{"__proto__":{"isAdmin":true}}}' },
  'the same in a form': { headers: form, body: 'constructor[prototype][isAdmin]=1' },
}

for (const [place, request] of Object.entries(hidden)) {
  test(`what another reader finds is judged: ${place}`, async () => {
    const { status, code, forwarded } = await call({ method: 'POST', ...request })
    assert.deepEqual([status, code, forwarded], [422, 'injection_suspected', false])
  })
}

test('JSON in a text that nests deeply is judged without recursion', async () => {
  const { status } = await post('['.repeat(200_000) + ']'.repeat(200_000), { 'content-type': 'text/plain' })
  assert.equal(status, 200)
})

test('a field in another charset than UTF-8 cannot be judged', async () => {
  const body = field('name="q"', Buffer.from(attack, 'utf16le'), 'text/plain; charset=utf-16le')
  assert.equal((await call({ method: 'POST', headers: multipart, body })).code, 'injection_unreadable')
})

for (const [place, request] of Object.entries(placed(attack))) {
  test(`an attack is refused: ${place}; without the policy it passes`, async () => {
    assert.equal((await runTestExchange(request)).forwarded, true)
    const { status, code, forwarded } = await call(request)
    assert.deepEqual([status, code, forwarded], [422, 'injection_suspected', false])
  })
}

for (const [place, request] of Object.entries(placed(honest))) {
  test(`honest text passes: ${place}`, async () => {
    const { forwarded, code } = await call(request)
    assert.deepEqual([forwarded, code], [true, null])
  })
}

test('the caller is told place and rule, never the value', async () => {
  const { body, exchange } = await post(JSON.stringify({ items: [{ 'a/b': attack }] }), json)
  assert.deepEqual(errorsOf({ body }), [
    { in: 'body', at: '/items/0/a~1b', rule: 'sql-union', expected: 'no SQL that leaves its value' },
  ])
  assert.equal(body.includes('UNION'), false)
  assert.equal(exchange.refusal?.detail, 'body "/items/0/a~1b": sql-union')
})

test('the bytes that were judged are the bytes that are forwarded', async () => {
  const body = JSON.stringify({ text: honest })
  assert.equal((await post(body, json)).forwardedBody?.toString(), body)
})

test('an operator as a name is refused, one of another language is not', async () => {
  assert.equal((await call({ query: 'password[$ne]=1' })).code, 'injection_suspected')
  assert.equal((await post('{"password":{"$gt":""}}', json)).code, 'injection_suspected')
  assert.equal((await call({ query: '$filter=price%20gt%2010&$top=5' })).forwarded, true)
  assert.equal((await post('{"$schema":"x","$ref":"#/a"}', json)).forwarded, true)
})

test('a place can be excused, for some classes or for all', async () => {
  const markup = '<img src=x onerror=alert(1)>'
  const body = (text: string) => JSON.stringify({ posts: [{ content: text }] })
  const exclude = [{ in: 'body', at: '/posts/*/content', classes: ['xss'], reason: 'sanitised where it is shown' }]
  assert.equal((await post(body(markup), json)).code, 'injection_suspected')
  assert.equal((await post(body(markup), json, { exclude })).forwarded, true)
  assert.equal((await post(body(attack), json, { exclude })).code, 'injection_suspected')
  assert.equal((await post(JSON.stringify({ title: markup }), json, { exclude })).code, 'injection_suspected')
  const all = [{ in: 'query', at: 'sql', reason: 'a console for administrators' }]
  assert.equal((await call({ query: `sql=${encodeURIComponent(attack)}` }, { exclude: all })).forwarded, true)
  assert.equal((await call({ query: `q=${encodeURIComponent(attack)}` }, { exclude: all })).code, 'injection_suspected')
  const field = [{ in: 'body', at: '/q', reason: 'a form' }]
  assert.equal((await post(`q=${encodeURIComponent(attack)}`, form, { exclude: field })).forwarded, true)
})

test('classes can be switched off, and the threshold moved', async () => {
  const query = `q=${encodeURIComponent('{{7*7}}')}`
  assert.equal((await call({ query })).code, 'injection_suspected')
  assert.equal((await call({ query }, { classes: ['sql'] })).forwarded, true)
  assert.equal((await call({ query }, { threshold: 9 })).forwarded, true)
  assert.equal(
    (await call({ query: `q=${encodeURIComponent(attack)}` }, { threshold: 10 })).code,
    'injection_suspected',
  )
})

test('what cannot be read is refused', async () => {
  const cases: [string, Record<string, string>][] = [
    ['{"a":1,"a":2}', json],
    ['{"a":', json],
    ['x', {}],
    ['x', { 'content-type': 'text/plain; charset=utf-16' }],
    ['x', { ...json, 'content-encoding': 'gzip' }],
    ['a=%zz', form],
  ]
  for (const [body, headers] of cases) assert.equal((await post(body, headers)).code, 'injection_unreadable', body)
})

test('bodies of other types are judged, refused or passed', async () => {
  const type = { 'content-type': 'image/png' }
  const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff])
  const large = Buffer.alloc(2000, 0xff)
  assert.equal((await post(picture, type)).forwarded, true)
  assert.equal((await post(picture, type, { otherTypes: 'refuse' })).code, 'injection_type')
  assert.equal((await post(large, type, { maxBodyBytes: '1kB' })).code, 'injection_type')
  assert.equal((await post(large, type, { maxBodyBytes: '1kB', otherTypes: 'pass' })).forwarded, true)
  assert.equal((await post('x'.repeat(2000), json, { maxBodyBytes: '1kB' })).code, 'body_too_large')
})

test('a URL of a field that is fetched may not lead inside', async () => {
  const urlFields = [
    { in: 'body', at: '/hook' },
    { in: 'query', at: 'next' },
  ]
  for (const url of [
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://[::ffff:10.0.0.1]/',
    'ftp://example.com/x',
    'http://db/',
  ]) {
    const body = JSON.stringify({ hook: url })
    assert.equal((await post(body, json)).forwarded, true, `${url} without urlFields`)
    assert.equal((await post(body, json, { urlFields })).code, 'injection_suspected', url)
    assert.equal(
      (await call({ query: `next=${encodeURIComponent(url)}` }, { urlFields })).code,
      'injection_suspected',
      url,
    )
  }
  for (const url of ['https://example.com/a?b=c', 'https://bücher.example/', '/relative', 'https://1.1.1.1/']) {
    assert.equal((await post(JSON.stringify({ hook: url }), json, { urlFields })).forwarded, true, url)
  }
})

test('a name that leads inside is refused when names are looked up', async () => {
  const urlFields = [{ in: 'query', at: 'u' }]
  const query = `u=${encodeURIComponent('http://does-not-exist.invalid/')}`
  // `.invalid` has no address (RFC 6761): the upstream reaches nothing either.
  const { code } = await call({ query }, { urlFields, resolveUrls: { timeout: '1s' } })
  assert.ok(code === null || code === 'injection_unresolved', String(code))
})

test('in observe mode everything passes, and the log names place and rule', async () => {
  const request: TestRequest = { query: `q=${encodeURIComponent(attack)}` }
  const { exchange, pipeline, run } = await createTestExchange({
    ...request,
    policies: [{ policy: injection, mode: 'observe' }],
  })
  assert.equal((await run()).forwarded, true)
  const [line] = pipeline.log
  assert.equal(line?.event, 'injection_observed')
  assert.deepEqual(line?.fields.places, ['query "q": sql-union 10'])
  assert.equal(pipeline.counters.get('portcullis_injection_findings_total{class="sql"}'), 1)
  assert.deepEqual(exchange.observed, [{ policy: 'injection', code: 'injection_suspected' }])
})

test('probes fail without the policy and pass with it', async () => {
  for (const method of ['GET', 'POST']) {
    const enforced = await runProbes({ policy: injection, options: {}, method, enforced: true })
    assert.deepEqual(
      enforced.filter(({ failure }) => failure !== null),
      [],
    )
    const open = await runProbes({ policy: injection, options: {}, method, enforced: false })
    assert.ok(open.every(({ kind, failure }) => (failure === null) === (kind === 'honest')))
  }
})

test('inheritance only tightens', () => {
  const compose = (inherited: unknown, own: unknown) => injection.compose(read(inherited), read(own))
  const exclude = [{ in: 'body', at: '/text', reason: 'x' }]
  assert.equal(compose({}, {}), 'tighter')
  assert.equal(compose({ classes: ['sql'] }, {}), 'tighter')
  assert.equal(compose({}, { threshold: 4 }), 'tighter')
  assert.equal(compose({ exclude }, {}), 'tighter')
  assert.equal(compose({ otherTypes: 'pass' }, {}), 'tighter')
  for (const own of [
    { classes: ['sql'] },
    { threshold: 6 },
    { exclude },
    { headers: [] },
    { cookies: false },
    { text: false },
    { otherTypes: 'pass' },
    { maxBodyBytes: '2MiB' },
  ]) {
    assert.equal(compose({}, own), 'looser', JSON.stringify(own))
  }
  assert.equal(compose({ resolveUrls: {} }, {}), 'looser')
  assert.equal(compose({ exclude: [{ ...exclude[0], classes: ['xss'] }] }, { exclude }), 'looser')
})

test('bad configuration is refused', () => {
  for (const options of [
    { classes: [] },
    { classes: ['sqli'] },
    { threshold: 0 },
    { threshold: 11 },
    { headers: ['User-Agent'] },
    { exclude: [{ in: 'body', at: '/a' }] },
    { exclude: [{ in: 'somewhere', at: '/a', reason: 'x' }] },
    { maxBodyBytes: '1GiB' },
    { resolveUrls: true },
    { unknown: 1 },
  ]) {
    assert.equal(injection.options.safeParse(options).success, false, JSON.stringify(options))
  }
  assert.deepEqual(read().classes, [...injectionClasses])
})
