import assert from 'node:assert/strict'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Snapshot } from '../../src/config/snapshot.ts'
import { createTestCertificate } from '../support/certificate.ts'
import { endsWithin, eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { openSocket } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const idleTimeoutMs = 1_500
const poolSize = 16
const certificate = { ...createTestCertificate('localhost'), source: 'test' }

let upstream: TestUpstreamServer
let gateway: TestGateway
let snapshot: Snapshot

before(async () => {
  upstream = await startUpstreamServer(undefined, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/big') {
      let left = Number(searchParams.get('size'))
      response.writeHead(200, { 'content-length': left })
      const more = () => {
        while (left > 0) {
          const chunk = Buffer.alloc(Math.min(left, 64 * 1024), 'z')
          left -= chunk.length
          if (!response.write(chunk)) break
        }
        if (left === 0) response.end()
      }
      response.on('drain', more)
      more()
      return
    }
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => response.end(String(bytes)))
  })
  snapshot = testSnapshot({
    upstreams: { test: testUpstream([upstream.url], { maxConnections: poolSize }) },
    routes: [testRoute('/**')],
    listen: {
      http: testSnapshot().listen.http,
      https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true },
      admin: null,
    },
    server: { ...testSnapshot().server, idleTimeoutMs, minBytesPerSecond: 2_000 },
  })
  gateway = await startTestGateway(snapshot, { certificates: [certificate] })
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  gateway.records.length = 0
})

const portOf = (name: string) => gateway.listeners.find((listener) => listener.name === name)?.port ?? 0
const httpUrl = () => gateway.listeners.find(({ name }) => name === 'http')?.url ?? ''

/** Honest requests, one after the other, while something goes on; fails where one of them is lost or late. */
async function servesHonestRequests(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const started = performance.now()
    const response = await fetch(`${httpUrl()}/ok`, { method: 'POST', body: 'honest' })
    assert.equal(await response.text(), '6')
    assert.ok(performance.now() - started < 3_000)
  }
}

/** Sends a body in steps; resolves to what was answered. */
async function trickle(length: number, stepBytes: number): Promise<string> {
  const socket = await openSocket(portOf('http'))
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`)
  let sent = 0
  const pump = setInterval(() => {
    if (socket.writable && sent < length) socket.write('x'.repeat(stepBytes))
    sent += stepBytes
  }, 100)
  assert.ok(await endsWithin(15_000, closed), 'it never ends')
  clearInterval(pump)
  return text
}

test('a body that stops, or trickles below the minimum rate, is ended with 408; one above it passes', async () => {
  const [silent, tooSlow, slow] = await Promise.all([trickle(100, 0), trickle(100_000, 50), trickle(33_000, 300)])
  assert.match(silent, /^HTTP\/1\.1 408/)
  assert.match(tooSlow, /^HTTP\/1\.1 408/)
  assert.match(slow, /^HTTP\/1\.1 200[\s\S]*33000$/)
  await eventually('all are recorded', () => gateway.records.length === 3)
  assert.deepEqual(
    gateway.records.map(({ exchange }) => exchange.refusal?.code),
    ['request_timeout', 'request_timeout', undefined],
  )
})

/** Asks for a large answer and reads nothing of it. */
function stallReading(path = '/big?size=20000000'): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(portOf('http'), '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      socket.pause()
      resolve(socket)
    })
    socket.on('error', () => {})
  })
}

test('a reader who stands still is cut off, and nothing stays behind', async () => {
  const socket = await stallReading()
  await eventually('its answer is held', () => gateway.serving.heldBytes > 500_000)
  assert.ok(gateway.serving.heldBytes <= 1.5 * 1024 * 1024)
  await eventually('it is cut', () => gateway.records.length === 1, 6_000)
  assert.equal(gateway.records[0]?.outcome.aborted, true)
  assert.equal(gateway.serving.heldBytes, 0)
  socket.destroy()
})

test('a reader who stands still after an upload that was answered early is cut off too', async () => {
  const socket = await openSocket(portOf('http'))
  socket.pause()
  socket.write('POST /big?size=20000000 HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n')
  socket.write(Buffer.alloc(100_000))
  await eventually('the answer is held', () => gateway.serving.heldBytes > 500_000)
  socket.write(Buffer.alloc(100_000))
  await eventually('it is cut', () => gateway.records.length === 1, 6_000)
  socket.destroy()
})

test('a slow but steady reader gets all of it', async () => {
  const socket = await stallReading('/big?size=6000000')
  let bytes = 0
  // In steps: the system lets us see progress only now and then.
  const reader = setInterval(() => {
    const chunk = socket.read(150_000) as Buffer | null
    bytes += (chunk ?? (socket.read() as Buffer | null))?.length ?? 0
  }, 60)
  await eventually('it has come', () => bytes > 6_000_000, 15_000)
  clearInterval(reader)
  socket.destroy()
  await eventually('it is recorded', () => gateway.records.length === 1)
  assert.equal(gateway.records[0]?.outcome.aborted, false)
})

test('slow bodies and slow readers keep nobody else waiting', async () => {
  const slow: Socket[] = []
  const pumps: NodeJS.Timeout[] = []
  for (let i = 0; i < 60; i++) {
    const socket = await openSocket(portOf('http'))
    slow.push(socket)
    socket.write('POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
    // Half of them have sent enough to be forwarded.
    if (i % 2 === 0) socket.write(Buffer.alloc(70_000))
    pumps.push(setInterval(() => socket.writable && socket.write('x'.repeat(300)), 100))
  }
  await servesHonestRequests(30)
  const readers = await Promise.all(Array.from({ length: 60 }, () => stallReading()))
  await sleep(200)
  await servesHonestRequests(30)
  assert.ok(gateway.serving.heldBytes < 70 * 1024 * 1024)
  for (const pump of pumps) clearInterval(pump)
  for (const socket of [...slow, ...readers]) socket.destroy()
  await eventually('nothing is held', () => gateway.serving.heldBytes === 0)
})

test('the same over HTTP/2, with every stream of a connection', async () => {
  const sessions = Array.from({ length: 3 }, () => {
    const session = connectHttp2(`https://127.0.0.1:${portOf('https')}`, { rejectUnauthorized: false })
    session.on('error', () => {})
    return session
  })
  for (const session of sessions) {
    for (let i = 0; i < 40; i++) session.request({ ':path': '/big?size=20000000' }).on('error', () => {})
    for (let i = 0; i < 40; i++) {
      const stream = session.request({ ':path': '/slow', ':method': 'POST' }).on('error', () => {})
      stream.write(Buffer.alloc(1_000))
    }
  }
  await sleep(200)
  await servesHonestRequests(30)
  for (const session of sessions) session.destroy()
  await eventually('nothing is held', () => gateway.serving.heldBytes === 0)
})

test('connections are limited per address and in all; trusted proxies only in all', async () => {
  const base = testSnapshot({ upstreams: snapshot.upstreams, routes: snapshot.routes })
  const limits = { ...base.server, maxConnections: 6, maxConnectionsPerClient: 3 }
  const own = await startTestGateway({ ...base, server: limits })
  /** How many of eight connections are let in. */
  const admitted = async () => {
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(own.port)))
    await sleep(100)
    for (const socket of sockets) socket.write('GET /ok HTTP/1.1\r\nHost: a\r\n\r\n')
    await sleep(100)
    const open = sockets.filter((socket) => !socket.destroyed).length
    for (const socket of sockets) socket.destroy()
    await sleep(50)
    return open
  }
  assert.equal(await admitted(), 3)
  assert.equal(await admitted(), 3, 'those that have gone are counted no longer')
  await own.use({ ...base, server: limits, client: { ...base.client, trustProxies: ['127.0.0.1/32'] } })
  assert.equal(await admitted(), 6)
  await own.stop()
})
