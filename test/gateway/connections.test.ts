import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { endsWithin, eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw, openSocket, statusesOf } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer(undefined, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    switch (pathname) {
      case '/hang':
        return
      case '/late':
        setTimeout(() => response.end('late'), 600)
        return
      case '/early':
        // Answers before the body has come, as a server that knows enough does.
        response.end('early')
        return
      case '/chunked':
        response.write('part one, ')
        setTimeout(() => response.end('part two'), 20)
        return
      case '/cut':
        response.write('part one, ')
        setTimeout(() => response.destroy(), 50)
        return
      case '/hints':
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        setTimeout(() => response.end('done'), 20)
        return
      case '/bad-hints':
        response.socket?.write('HTTP/1.1 103 Early Hints\r\nLink: no link at all\r\n\r\n')
        setTimeout(() => response.end('done'), 20)
        return
      default:
        request.resume()
        request.on('end', () => response.end(request.url))
    }
  })
  gateway = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [testRoute('/**', { methods: ['GET', 'POST'] })],
      server: { ...testSnapshot().server, headerTimeoutMs: 1_000, keepAliveTimeoutMs: 500 },
    }),
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  gateway.records.length = 0
})

const get = (path: string, extra = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${extra}\r\n`

test('a request under way is ended with its connection and recorded; those behind it never began', async () => {
  const socket = await openSocket(gateway.port)
  socket.write(get('/hang').repeat(3))
  await sleep(60)
  socket.destroy()
  await eventually('it is recorded', () => gateway.records.length === 1)
  assert.ok(gateway.records.every(({ outcome }) => outcome.aborted && outcome.status === 0))
})

test('pipelining without end is held back: a connection has one open request and a bounded number of bytes', async () => {
  const socket = await openSocket(gateway.port)
  const burst = get('/late').repeat(1_000_000)
  socket.write(burst)
  await sleep(300)
  assert.ok(socket.writableLength > burst.length / 2, `${burst.length - socket.writableLength} bytes were taken`)
  assert.equal(gateway.records.length, 0)
  socket.destroy()
  await eventually('the open one is recorded', () => gateway.records.length > 0)
  await sleep(100)
  assert.ok(gateway.records.length <= 3, `${gateway.records.length} requests were taken in`)
})

test('a client that has ended its side still gets its answers, however late, while it may be there', async () => {
  for (const path of ['/x', '/late', '/chunked']) {
    const text = await new Promise<string>((resolve) => {
      const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
      let received = ''
      socket.on('data', (chunk) => {
        received += chunk
      })
      socket.on('end', () => resolve(received))
      socket.end(get(path).repeat(2))
    })
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2, text)
  }
})

test('what comes after an answer that closes the connection is not served', async () => {
  const text = await exchangeRaw(gateway.port, `${get('/1', 'Connection: close\r\n')}${get('/2')}`, 300)
  assert.deepEqual(statusesOf(text), [200])
  const refused = await exchangeRaw(
    gateway.port,
    `PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}${get('/3')}`,
    300,
  )
  assert.deepEqual(statusesOf(refused), [405])
  assert.ok(!gateway.records.some(({ exchange }) => exchange.path === '/3'))
})

test('a connection serves on after an early answer to a short body', async () => {
  const socket = await openSocket(gateway.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write('PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n')
  await eventually('the answer comes', () => text.includes('405'))
  socket.write(`${'x'.repeat(20_000)}${get('/after')}`)
  await eventually('the next answer comes', () => text.includes('/after'))
  assert.deepEqual(statusesOf(text.replaceAll('/after', '')), [405, 200])
  socket.destroy()
})

test('an early answer to a long body that is being forwarded arrives, and the connection ends', async () => {
  const socket = await openSocket(gateway.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write('POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n')
  const pump = setInterval(() => socket.writable && socket.write(Buffer.alloc(64 * 1024)), 5)
  await closed
  clearInterval(pump)
  assert.match(text, /^HTTP\/1\.1 200[\s\S]*early$/)
})

test('bytes that are no request are not read on for long, however slowly or fast they come', async () => {
  const heads = [
    'GET / HTTP/1.1\r\nBad Header\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 100000000\r\n\r\n',
    'PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n',
  ]
  const streams = [
    ['x', 100],
    ['1000\r\n'.concat('y'.repeat(4096), '\r\n').repeat(100), 5],
  ] as const
  await Promise.all(
    heads.flatMap((head) =>
      streams.map(async ([bytes, everyMs]) => {
        const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
        socket.on('error', () => {})
        socket.resume()
        const closed = new Promise((resolve) => socket.on('close', resolve))
        socket.write(head)
        const pump = setInterval(() => {
          if (socket.writable && socket.writableLength < 1024 * 1024) socket.write(bytes)
        }, everyMs)
        const ended = await endsWithin(4_500, closed)
        clearInterval(pump)
        assert.ok(ended, `still open after ${socket.bytesWritten} bytes: ${head}`)
      }),
    ),
  )
})

test('a connection without a word ends quietly; half a header is answered', async () => {
  const silent = await exchangeRaw(gateway.port, '', 4_000)
  assert.equal(silent, '')
  assert.equal(gateway.records.length, 0)
  const half = await exchangeRaw(gateway.port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Sl', 4_000)
  assert.match(half, /^HTTP\/1\.1 408/)
  assert.match(half, /connection: close/i)
})

test('a header that trickles in does not extend its time', async () => {
  const socket = await openSocket(gateway.port)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const started = performance.now()
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write('GET / HTTP/1.1\r\n')
  const pump = setInterval(() => socket.writable && socket.write('X-A: b\r\n'), 100)
  await endsWithin(8_000, closed)
  clearInterval(pump)
  assert.ok(performance.now() - started < 6_000)
  assert.match(text, /^HTTP\/1\.1 408/)
})

test('an idle connection ends after the keep-alive time, which the answer names', async () => {
  const started = performance.now()
  const text = await exchangeRaw(gateway.port, get('/x'), 5_000)
  assert.ok(performance.now() - started < 3_000)
  assert.match(text, /^HTTP\/1\.1 200/)
})

test('what a head says of the connection and of the server', async () => {
  const kept = await exchangeRaw(gateway.port, get('/x'), 100)
  assert.match(kept, /\r\nconnection: keep-alive\r\n/i)
  assert.equal(kept.match(/\r\ndate: /gi)?.length, 1)
  assert.doesNotMatch(kept, /\r\n(server|x-powered-by|via):|node|portcullis/i)
  const closing = await exchangeRaw(gateway.port, get('/x', 'Connection: close\r\n'))
  assert.equal(closing.match(/\r\nconnection: /gi)?.length, 1)
  assert.match(closing, /\r\nconnection: close\r\n/i)
  const garbage = await exchangeRaw(gateway.port, 'garbage\r\n\r\n')
  assert.match(garbage, /\r\ndate: /i)
  assert.doesNotMatch(garbage, /\r\nserver:|node|portcullis|llhttp/i)
})

test('HTTP/1.0: no chunks, no interim answers, and closed unless asked otherwise', async () => {
  const chunked = await exchangeRaw(gateway.port, 'GET /chunked HTTP/1.0\r\nHost: a\r\n\r\n', 1_000)
  assert.doesNotMatch(chunked, /transfer-encoding/i)
  assert.ok(chunked.endsWith('part one, part two'), chunked)
  const hints = await exchangeRaw(gateway.port, 'GET /hints HTTP/1.0\r\nHost: a\r\n\r\n', 1_000)
  assert.doesNotMatch(hints, / 103 /)
  const expecting = await exchangeRaw(
    gateway.port,
    'POST /x HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab',
    1_000,
  )
  assert.match(expecting, /^HTTP\/1\.1 200/)
  const kept = await exchangeRaw(
    gateway.port,
    'GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\nGET /y HTTP/1.0\r\nHost: a\r\n\r\n',
    1_000,
  )
  assert.match(kept, /\/x[\s\S]*\/y$/)
})

test('an answer that is cut never looks complete, not even where its end is the connection’s', async () => {
  const ends = (version: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(gateway.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code} ${text}`))
      socket.on('end', () => resolve(`end ${text}`))
      socket.write(`GET /cut HTTP/${version}\r\nHost: a\r\n\r\n`)
    })
  assert.match(await ends('1.0'), /^ECONNRESET /)
  assert.doesNotMatch(await ends('1.1'), /\r\n0\r\n\r\n$/)
  await eventually('both are recorded', () => gateway.records.length === 2)
  assert.ok(gateway.records.every(({ outcome }) => outcome.aborted))
})

test('an interim answer that cannot be passed on is left out', async () => {
  const text = await exchangeRaw(gateway.port, get('/bad-hints', 'Connection: close\r\n'), 1_000)
  assert.match(text, /HTTP\/1\.1 200[\s\S]*done$/)
})
