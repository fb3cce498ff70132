import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { endsWithin, eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw, openSocket, statusesOf } from '../support/raw-http.ts'
import { startRawServer } from '../support/raw-server.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer((request, response, body) => {
    const url = new URL(request.url ?? '/', 'http://x')
    switch (url.pathname) {
      case '/status':
        response.writeHead(Number(url.searchParams.get('code')), { 'x-from': 'upstream' })
        response.end(
          url.searchParams.get('code') === '204' || url.searchParams.get('code') === '304'
            ? undefined
            : 'SECRET at db.ts:12',
        )
        return
      case '/trailers':
        response.writeHead(200, { trailer: 'x-sum' })
        response.write('part')
        response.addTrailers({ 'x-sum': '42' })
        response.end()
        return
      case '/hints':
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.end('done')
        return
      case '/events':
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: 1\n\n')
        setTimeout(() => response.end('data: 2\n\n'), 150)
        return
      case '/big': {
        const size = Number(url.searchParams.get('size'))
        response.writeHead(200, { 'content-length': size })
        response.end(Buffer.alloc(size, 'z'))
        return
      }
      default:
        response.writeHead(200, { 'content-type': 'application/json', server: 'Upstream/1' })
        response.end(
          JSON.stringify({
            method: request.method,
            url: request.url,
            raw: request.rawHeaders,
            bytes: body.length,
            sum: createHash('sha256').update(body).digest('hex'),
          }),
        )
    }
  })
  const forward = { kind: 'upstream', upstream: 'test', preserveHost: false, stripPrefix: null } as const
  gateway = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [
        testRoute('/**', { methods: ['GET', 'POST'] }),
        testRoute('/api/**', { forward: { ...forward, stripPrefix: '/api', preserveHost: true } }),
        testRoute('/raw/status', { forward: { ...forward, stripPrefix: '/raw' }, passUpstreamErrors: true }),
        testRoute('/only-get', { methods: ['GET'] }),
      ],
    }),
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
  gateway.records.length = 0
})

test('bodies of every framing arrive whole: none, empty, small, chunked, large', async () => {
  for (const size of [0, 1, 1000, 65_536, 65_537, 3_000_000]) {
    for (const chunked of [false, true]) {
      const body = Buffer.alloc(size, 'q')
      const answer = await new Promise<string>((resolve, reject) => {
        const request = httpRequest(`${gateway.url}/echo`, {
          method: 'POST',
          headers: chunked ? {} : { 'content-length': size },
        })
        request.on('response', (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve(text))
        })
        request.on('error', reject)
        if (chunked) for (let at = 0; at < size; at += 20_000) request.write(body.subarray(at, at + 20_000))
        request.end(chunked ? undefined : body)
      })
      const seen = JSON.parse(answer)
      assert.equal(seen.bytes, size)
      assert.equal(seen.sum, createHash('sha256').update(body).digest('hex'))
    }
  }
})

test('a large answer streams to a client that reads in pieces', async () => {
  const size = 20_000_000
  const response = await fetch(`${gateway.url}/big?size=${size}`)
  let bytes = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) bytes += chunk.length
  assert.equal(bytes, size)
})

test('HEAD has the fields of GET and no body, 204 and 304 have none either', async () => {
  const head = await exchangeRaw(gateway.port, 'HEAD /big?size=1000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(head, /content-length: 1000/i)
  assert.ok(head.endsWith('\r\n\r\n'))
  for (const code of [204, 304]) {
    const text = await exchangeRaw(
      gateway.port,
      `GET /status?code=${code} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    assert.match(text, new RegExp(`^HTTP/1.1 ${code}`))
    assert.match(text, /x-from: upstream/)
    assert.doesNotMatch(text, /transfer-encoding|content-length/i)
    assert.ok(text.endsWith('\r\n\r\n'))
  }
})

test('trailers and early hints pass', async () => {
  const trailers = await exchangeRaw(
    gateway.port,
    'GET /trailers HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n',
  )
  assert.match(trailers, /\r\n0\r\nx-sum: 42\r\n\r\n$/i)
  const hints = await exchangeRaw(gateway.port, 'GET /hints HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(hints, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200/i)
})

test('server-sent events arrive as they are sent', async () => {
  const response = await fetch(`${gateway.url}/events`)
  const started = performance.now()
  const times: number[] = []
  for await (const _ of response.body as AsyncIterable<Uint8Array>) times.push(performance.now() - started)
  assert.ok(times.length >= 2 && (times[0] as number) < 100 && (times.at(-1) as number) > 100, String(times))
})

test('100-continue is asked for only when the body is wanted', async () => {
  const socket = await openSocket(gateway.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(
    'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
  )
  await sleep(100)
  assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  socket.write('hello')
  await sleep(100)
  assert.match(text, /HTTP\/1\.1 200/)
  socket.destroy()
  const refused = await exchangeRaw(
    gateway.port,
    'PUT /only-get HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    3000,
  )
  assert.deepEqual(statusesOf(refused), [405])
  assert.match(refused, /connection: close/i)
})

test('a refused upload gets its answer, then the connection ends', async () => {
  const socket = await openSocket(gateway.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write('PUT /only-get HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n')
  const closed = new Promise((resolve) => socket.on('close', resolve))
  const filler = Buffer.alloc(64 * 1024)
  const pump = setInterval(() => socket.writable && socket.write(filler), 5)
  await closed
  clearInterval(pump)
  assert.match(text, /^HTTP\/1\.1 405/)
  assert.match(text, /allow: GET, HEAD, POST/i)
})

test('5xx bodies do not pass, unless the route allows them', async () => {
  for (const [code, expected] of [
    [500, 500],
    [502, 502],
    [503, 503],
    [504, 504],
    [507, 500],
  ] as const) {
    const response = await fetch(`${gateway.url}/status?code=${code}`)
    const body = await response.text()
    assert.equal(response.status, expected)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(response.headers.get('x-from'), null)
    assert.doesNotMatch(body, /SECRET/)
  }
  const raw = await fetch(`${gateway.url}/raw/status?code=500`)
  assert.equal(raw.status, 500)
  assert.match(await raw.text(), /SECRET/)
})

test('stripPrefix and preserveHost', async () => {
  const text = await exchangeRaw(
    gateway.port,
    'GET /api/x?y=1 HTTP/1.1\r\nHost: Shop.Example:80\r\nConnection: close\r\n\r\n',
  )
  assert.match(text, /"url":"\/x\?y=1"/)
  assert.match(text, /"host","shop\.example:80"/)
  const bare = await exchangeRaw(gateway.port, 'GET /api/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(bare, /"url":"\/"/)
})

test('the upstream sees the host of its target otherwise', async () => {
  const answer = (await (await fetch(`${gateway.url}/echo`)).json()) as { raw: string[] }
  assert.equal(answer.raw[answer.raw.indexOf('host') + 1], `127.0.0.1:${upstream.port}`)
})

test('a WebSocket handshake is joined to the upstream, a broken one is refused', async () => {
  upstream.server.on('upgrade', (request, socket, head) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')}\r\n\r\n`,
    )
    socket.write(head)
    socket.pipe(socket)
  })
  const handshake = (extra: string) =>
    `GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${extra}\r\n\r\n`
  const joined = await exchangeRaw(gateway.port, `${handshake('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')}ping`, 300)
  assert.match(joined, /^HTTP\/1\.1 101/)
  assert.match(joined, /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i)
  assert.ok(joined.endsWith('\r\n\r\nping'), joined)
  const broken = await exchangeRaw(gateway.port, handshake('Sec-WebSocket-Key: short'), 300)
  assert.match(broken, /^HTTP\/1\.1 400/)
  await sleep(100)
  assert.deepEqual(gateway.records.map(({ outcome }) => outcome.status).sort(), [101, 400])
})

test('a tunnel that both sides end is no broken one, and what comes early is not lost', async () => {
  const handshake =
    'GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const early = 'e'.repeat(200_000)
  socket.end(`${handshake}${early}`)
  await new Promise((resolve) => socket.on('close', resolve))
  assert.ok(text.endsWith(`\r\n\r\n${early}`), `${text.length} bytes`)
  await eventually('it is recorded', () => gateway.records.length === 1)
  assert.deepEqual(gateway.records[0]?.outcome, { status: 101, bytesSent: early.length, aborted: false })
})

test('a client that has ended its side before its tunnel opens is heard, and its upstream learns of the end', async () => {
  const told: string[] = []
  const server = await startRawServer((socket, text) => {
    if (!text.startsWith('GET /ws')) return
    socket.on('data', (chunk) => told.push(chunk.toString()))
    socket.on('end', () => told.push('end'))
    // By then the gateway knows that the client has ended its side.
    setTimeout(() => socket.write('HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'), 200)
    socket.on('end', () => socket.end('bye'))
  })
  const own = await startTestGateway(
    testSnapshot({ upstreams: { test: testUpstream([server.url]) }, routes: [testRoute('/**')] }),
  )
  const handshake =
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  try {
    for (const early of ['', 'frame']) {
      told.length = 0
      const socket = connect({ port: own.port, host: '127.0.0.1', allowHalfOpen: true })
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.end(`${handshake}${early}`)
      assert.ok(await endsWithin(2_000, closed), 'the tunnel is still open')
      assert.ok(text.endsWith('bye'), text)
      assert.equal(told.join(), early === '' ? 'end' : `${early},end`)
    }
  } finally {
    await own.stop()
    await server.close()
  }
})

test('CONNECT is refused, and what follows it is no request', async () => {
  const text = await exchangeRaw(
    gateway.port,
    'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  assert.deepEqual(statusesOf(text), [501])
  assert.match(text, /connection: close/)
})

test('another version of HTTP is refused as such', async () => {
  const text = await exchangeRaw(gateway.port, 'GET /x HTTP/1.2\r\nHost: a\r\n\r\n')
  assert.deepEqual(statusesOf(text), [505])
  assert.equal(gateway.records[0]?.exchange.refusal?.code, 'version_not_supported')
})

test('an upgrade to anything else is an ordinary request without the field', async () => {
  const text = await exchangeRaw(
    gateway.port,
    'GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
  )
  assert.match(text, /^HTTP\/1\.1 200/)
  assert.doesNotMatch(text, /h2c/)
})

test('every exchange is recorded once, also those that never became a request or were cut off', async () => {
  await exchangeRaw(gateway.port, 'garbage\r\n\r\n', 200)
  await fetch(`${gateway.url}/echo`).then((response) => response.text())
  const socket = await openSocket(gateway.port)
  socket.write('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart')
  await sleep(50)
  socket.destroy()
  await sleep(100)
  assert.deepEqual(
    gateway.records.map(({ outcome, exchange }) => [outcome.status, outcome.aborted, exchange.refusal?.code ?? null]),
    [
      [400, false, 'malformed_request'],
      [200, false, null],
      [0, true, 'body_incomplete'],
    ],
  )
})
