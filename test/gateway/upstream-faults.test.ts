import assert from 'node:assert/strict'
import { connect as connectHttp2 } from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { createTestCertificate } from '../support/certificate.ts'
import { eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw, statusesOf } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'

const secret = 'SECRET-of-the-upstream'

/** What the upstream does with a connection once a request has come. */
const faults: Record<string, (socket: Socket) => void> = {
  '/close': (socket) => socket.end(),
  '/reset': (socket) => socket.resetAndDestroy(),
  '/silence': () => {},
  '/half-head': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-'),
  '/garbage': (socket) => socket.write(`${secret}\r\n\r\n`),
  '/bad-status': (socket) => socket.write(`HTTP/1.1 9000 ${secret}\r\n\r\n`),
  '/two-lengths': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  '/huge-head': (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(500_000)}\r\n\r\n`),
  '/endless-500': (socket) => {
    socket.write('HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n')
    const pump = setInterval(() => socket.write(`2000\r\n${'z'.repeat(0x2000)}\r\n`), 2)
    socket.on('close', () => clearInterval(pump))
  },
  '/cut-length': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart')
    setTimeout(() => socket.destroy(), 50)
  },
  '/cut-chunks': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n')
    setTimeout(() => socket.resetAndDestroy(), 50)
  },
  '/bad-chunks': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n')
    setTimeout(() => socket.write('not a size\r\n'), 50)
  },
  '/stall': (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'),
}

let upstream: Server
const sockets = new Set<Socket>()
let gateway: TestGateway
let secure: TestGateway

before(async () => {
  upstream = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const path = /^[A-Z]+ (\S+) HTTP/.exec(chunk.toString('latin1'))?.[1]
      if (path !== undefined) faults[path]?.(socket)
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as { port: number }
  const patience = { firstByteTimeoutMs: 300, idleTimeoutMs: 300, connectTimeoutMs: 300, retries: 0 }
  const breaker = { failures: 1_000, openMs: 1_000 }
  const snapshot = testSnapshot({
    upstreams: {
      test: testUpstream([`http://127.0.0.1:${port}`], { ...patience, breaker }),
      // Discard service of a test network (RFC 5737): nobody answers.
      nowhere: testUpstream(['http://192.0.2.1:9'], { ...patience, breaker }),
      down: testUpstream(['http://127.0.0.1:1'], { ...patience, breaker }),
      broken: testUpstream(['http://127.0.0.1:1'], { ...patience, breaker: { failures: 1, openMs: 60_000 } }),
    },
    routes: [
      testRoute('/**'),
      ...['nowhere', 'down', 'broken'].map((name) =>
        testRoute(`/${name}`, {
          forward: { kind: 'upstream', upstream: name, stripPrefix: null, preserveHost: false },
        }),
      ),
    ],
  })
  gateway = await startTestGateway(snapshot)
  const certificate = { ...createTestCertificate('localhost'), source: 'test' }
  secure = await startTestGateway(
    {
      ...snapshot,
      listen: {
        ...snapshot.listen,
        http: null,
        https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true },
      },
    },
    { certificates: [certificate] },
  )
})
after(async () => {
  await Promise.all([gateway.stop(), secure.stop()])
  for (const socket of sockets) socket.destroy()
  upstream.close()
})
beforeEach(() => {
  gateway.records.length = 0
  secure.records.length = 0
})

const expected: [path: string, status: number, code: string][] = [
  ['/close', 502, 'upstream_reset'],
  ['/reset', 502, 'upstream_reset'],
  ['/garbage', 502, 'upstream_invalid'],
  ['/bad-status', 502, 'upstream_invalid'],
  ['/two-lengths', 502, 'upstream_invalid'],
  ['/huge-head', 502, 'upstream_invalid'],
  ['/silence', 504, 'upstream_timeout'],
  ['/half-head', 504, 'upstream_timeout'],
  ['/down', 502, 'upstream_refused'],
  ['/endless-500', 500, 'upstream_error'],
]

for (const [path, status, code] of expected) {
  test(`${path}: ${status}, the reason for the log only`, async () => {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(gateway.url + path, { method, body: method === 'POST' ? 'body' : null })
      const text = await response.text()
      assert.equal(response.status, status)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      assert.doesNotMatch(text, /SECRET|127\.0\.0\.1|ECONN|HPE|timeout of/)
      const problem = JSON.parse(text) as { instance: string }
      await eventually('it is recorded', () => gateway.records.length > 0)
      const [record] = gateway.records.splice(0)
      assert.equal(problem.instance, record?.exchange.id)
      assert.equal(record?.exchange.refusal?.code, code)
    }
    await eventually('no upstream connection is left', () => sockets.size === 0)
  })
}

test('an address that nobody answers at: 504 or 502 in time', async () => {
  const started = performance.now()
  const response = await fetch(`${gateway.url}/nowhere`)
  assert.ok([502, 504].includes(response.status))
  assert.ok(performance.now() - started < 2_000)
})

test('an open circuit: 503', async () => {
  assert.equal((await fetch(`${gateway.url}/broken`)).status, 502)
  assert.equal((await fetch(`${gateway.url}/broken`)).status, 503)
})

for (const path of ['/cut-length', '/cut-chunks', '/bad-chunks', '/stall']) {
  test(`${path}: what has begun is cut, and never looks complete`, async () => {
    const text = await exchangeRaw(gateway.port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, 2_000)
    assert.deepEqual(statusesOf(text), [200])
    assert.ok(!text.endsWith('0\r\n\r\n'), text)
    await eventually('it is recorded', () => gateway.records.length === 1)
    assert.equal(gateway.records[0]?.outcome.aborted, true)

    const session = connectHttp2(secure.url, { rejectUnauthorized: false })
    const stream = session.request({ ':path': path })
    stream.resume()
    const ended = await new Promise<string>((resolve) => {
      stream.on('end', () => stream.rstCode === 0 && resolve('ended'))
      stream.on('error', (error) => resolve(error.message))
    })
    assert.match(ended, /INTERNAL_ERROR/)
    assert.equal(session.destroyed, false, 'the other streams go on')
    session.destroy()
    await eventually('it is recorded', () => secure.records.length === 1)
    assert.equal(secure.records[0]?.outcome.aborted, true)
  })
}
