import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { endsWithin, eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { openSocket } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const mebibyte = 1024 * 1024
let upstream: TestUpstreamServer
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer(undefined, (request, response) => {
    request.resume()
    if (request.url === '/wait') setTimeout(() => response.end('waited'), 300)
    else request.on('end', () => response.end('ok'))
  })
  const { server } = testSnapshot()
  gateway = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [testRoute('/**', { methods: ['GET', 'POST'] })],
      server: {
        ...server,
        headerTimeoutMs: 2_000,
        keepAliveTimeoutMs: 2_000,
        maxConnections: 5_000,
        maxConnectionsPerClient: 5_000,
      },
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

function collect(socket: Socket): { text: string } {
  const collected = { text: '' }
  socket.on('data', (chunk) => {
    collected.text += chunk.toString('latin1')
  })
  return collected
}

test('10 000 tiny requests in one go are answered in order, in bounded memory', async () => {
  const socket = await openSocket(gateway.port)
  const answers = collect(socket)
  const before = process.memoryUsage()
  // Half of them are answered at once by the gateway itself, half by the upstream.
  for (let i = 0; i < 5_000; i++) socket.write(`${get('/x')}DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n`)
  await eventually('all are answered', () => gateway.records.length === 10_000, 50_000)
  await eventually('all have come', () => answers.text.split('HTTP/1.1 ').length === 10_001)
  const statuses = answers.text.split('HTTP/1.1 ').slice(1)
  assert.ok(statuses.every((text, i) => text.startsWith(i % 2 === 0 ? '200' : '405')))
  const growth = process.memoryUsage().arrayBuffers - before.arrayBuffers
  assert.ok(growth < 16 * mebibyte, `${growth} bytes`)
  socket.destroy()
})

test('a megabyte of garbage for a head, byte by byte, is refused at the limit and costs little', async () => {
  const garbage = ['GET / HTTP/1.1\r\nHost: a\r\nX: ', 'GET / HTTP/1.1\r\n', 'G']
  for (const start of garbage) {
    const socket = await openSocket(gateway.port)
    socket.setNoDelay(true)
    const answers = collect(socket)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const used = process.cpuUsage()
    socket.write(start)
    const filler = start.endsWith('\n') ? 'a:\r\n' : 'x'
    for (let i = 0; i < mebibyte && socket.writable; i++) {
      if (!socket.write(filler[i % filler.length] as string) || i % 256 === 0) await sleep(0)
      if (answers.text !== '') break
    }
    await eventually('it is answered', () => answers.text !== '', 20_000)
    assert.match(answers.text, /^HTTP\/1\.1 431/)
    assert.ok(socket.bytesWritten < mebibyte)
    assert.ok(await endsWithin(5_000, closed))
    // The client's part is in there, too.
    const { user, system } = process.cpuUsage(used)
    assert.ok(user + system < 8_000_000, `${user + system} µs`)
  }
})

test('1000 connections that send a head forever end in time, hold little, and keep nobody waiting', async () => {
  const before = process.memoryUsage()
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => openSocket(gateway.port)))
  const collected = sockets.map(collect)
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
  const pump = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('X: y\r\n')
  }, 250)
  const started = performance.now()
  const response = await fetch(`${gateway.url}/x`)
  assert.equal(await response.text(), 'ok')
  const { arrayBuffers } = process.memoryUsage()
  assert.ok(arrayBuffers - before.arrayBuffers < 32 * mebibyte, `${arrayBuffers - before.arrayBuffers} bytes`)
  await eventually('all are ended', () => sockets.every(({ destroyed }) => destroyed), 20_000)
  clearInterval(pump)
  assert.ok(performance.now() - started < 15_000)
  assert.ok(collected.every(({ text }) => /^HTTP\/1\.1 408/.test(text)))
  assert.equal(gateway.records.filter(({ exchange }) => exchange.refusal?.code === 'request_timeout').length, 1_000)
})

test('a thousand silent connections end without a word and without a line', async () => {
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => openSocket(gateway.port)))
  await eventually('all are ended', () => sockets.every(({ destroyed }) => destroyed), 20_000)
  assert.equal(gateway.records.length, 0)
})

test('what waits behind an exchange is held back, and nothing of it is lost', async () => {
  const socket = await openSocket(gateway.port)
  const answers = collect(socket)
  const size = 3_000_000
  socket.write(get('/wait'))
  socket.write(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  socket.write(Buffer.alloc(size, 'z'))
  socket.write(get('/x', 'Connection: close\r\n'))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  assert.ok(await endsWithin(20_000, closed))
  assert.equal(answers.text.match(/HTTP\/1\.1 200/g)?.length, 3)
})

test('a body that comes byte by byte is held in little more than its bytes', async () => {
  const sockets = await Promise.all(Array.from({ length: 4 }, () => openSocket(gateway.port)))
  for (const socket of sockets) {
    socket.setNoDelay(true)
    socket.write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n')
  }
  const held = () => {
    collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = held()
  for (let i = 0; i < 10_000; i++) {
    for (const socket of sockets) socket.write('x')
    await nextTurn()
  }
  await sleep(100)
  const growth = held() - before
  for (const socket of sockets) socket.destroy()
  assert.ok(growth < 4 * mebibyte, `${growth} bytes`)
})

test('each piece of a request may come in a packet of its own', async () => {
  const text = `POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${get('/x', 'Connection: close\r\n')}`
  const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true })
  const answers = collect(socket)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  for (const octet of text) {
    socket.write(octet)
    await sleep(1)
  }
  assert.ok(await endsWithin(5_000, closed))
  assert.equal(answers.text.match(/HTTP\/1\.1 200/g)?.length, 2)
})
