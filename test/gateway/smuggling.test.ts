import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw, statusesOf } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer()
  gateway = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [testRoute('/ok'), testRoute('/admin')],
    }),
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
})

const inner = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n'

/** Each holds a second request where a lenient reader would see one. */
const attacks: Record<string, string> = {
  'CL.TE': `POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: ${5 + inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'TE.CL': `POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
  'two lengths': `POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  'signed length': `POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n${inner}`,
  'length in a list': `POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 0, ${inner.length}\r\n\r\n${inner}`,
  'space before the colon': `POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length : ${inner.length}\r\n\r\n${inner}`,
  'obfuscated coding': `POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`,
  'coding with a tab': `POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n${inner}`,
  'coding folded': `POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${inner}`,
  'bare LF in a field': `POST /ok HTTP/1.1\r\nHost: a\r\nX: y\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  'bare CR in a field': `POST /ok HTTP/1.1\r\nHost: a\r\nX: y\rContent-Length: 0\r\n\r\n${inner}`,
  'NUL in a field': `POST /ok HTTP/1.1\r\nHost: a\r\nX: y\0z\r\nContent-Length: 0\r\n\r\n${inner}`,
  'chunk size with an underscore': `POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0_5\r\n12345\r\n0\r\n\r\n${inner}`,
  'chunk with a bare LF': `POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\n12345\r\n0\r\n\r\n${inner}`,
  'two hosts': 'GET /ok HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'no host': 'GET /ok HTTP/1.1\r\n\r\n',
  'HTTP/0.9': 'GET /ok\r\n\r\n',
  'unknown version': 'GET /ok HTTP/1.9\r\nHost: a\r\n\r\n',
  'space in the target': 'GET /ok /admin HTTP/1.1\r\nHost: a\r\n\r\n',
  'not HTTP': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'a header that never ends': `GET /ok HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(70_000)}`,
}

for (const [name, bytes] of Object.entries(attacks)) {
  test(`refused and closed, nothing forwarded: ${name}`, async () => {
    const text = await exchangeRaw(gateway.port, Buffer.from(bytes, 'latin1'), 300)
    const statuses = statusesOf(text)
    assert.ok(statuses.length <= 1, `one request got ${statuses.length} answers: ${text}`)
    assert.ok(statuses.length === 0 || (statuses[0] as number) >= 400, text)
    assert.ok(!upstream.seen.some(({ url }) => url === '/admin'), 'the inner request was forwarded')
    assert.equal(upstream.seen.length, 0)
  })
}

test('the body of a GET is forwarded as a body and never read as a request', async () => {
  const bytes = `GET /ok HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\nConnection: close\r\n\r\n${inner}`
  const text = await exchangeRaw(gateway.port, bytes)
  assert.deepEqual(statusesOf(text), [200])
  assert.deepEqual(
    upstream.seen.map(({ url, body }) => [url, body.toString()]),
    [['/ok', inner]],
  )
})

test('pipelined requests are answered one by one, in order', async () => {
  const text = await exchangeRaw(
    gateway.port,
    'GET /ok?1 HTTP/1.1\r\nHost: a\r\n\r\nGET /ok?2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  assert.deepEqual(statusesOf(text), [200, 200])
  assert.ok(text.indexOf('/ok?1') < text.indexOf('/ok?2'))
})

test('what Connection names cannot remove what the gateway says to the upstream', async () => {
  await exchangeRaw(
    gateway.port,
    'GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close, x-forwarded-for, forwarded, x-request-id, x-drop\r\nX-Drop: 1\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n',
  )
  const [request] = upstream.seen
  assert.ok(request !== undefined)
  const headers = new Map<string, string>()
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.set((request.rawHeaders[i] as string).toLowerCase(), request.rawHeaders[i + 1] as string)
  }
  assert.equal(headers.get('x-forwarded-for'), '127.0.0.1')
  assert.match(headers.get('forwarded') ?? '', /^for=127\.0\.0\.1;/)
  assert.ok(headers.has('x-request-id'))
  assert.ok(!headers.has('x-drop'))
})
