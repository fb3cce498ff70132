import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminToken, ask, openTestAdmin, withToken } from '../../test/support/admin.ts'
import { eventually } from '../../test/support/eventually.ts'
import { exchangeRaw, openSocket, statusesOf } from '../../test/support/raw-http.ts'

const scrape = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`

// Elsewhere loopback has one address.
const skip = process.platform !== 'linux'

/** Collects what comes back; `closed` says whether the other side has ended. */
function watch(socket: Socket) {
  const seen = { text: '', closed: false }
  socket.on('data', (chunk) => {
    seen.text += chunk.toString('latin1')
  })
  socket.on('close', () => {
    seen.closed = true
  })
  return seen
}

describe('a client that is slow', () => {
  const slow = {
    'says nothing': [''],
    'never ends its header': ['GET /metrics HTTP/1.1\r\nHost: localhost\r\n', 'X-A: b\r\n', 'X-B: c\r\n', 'X-C: d\r\n'],
    'never sends the body it announced': ['POST /ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n', 'a'],
  }
  for (const [what, parts] of Object.entries(slow)) {
    test(`and ${what} is cut off`, async (t) => {
      const admin = await openTestAdmin(t, { limits: { requestMs: 300 } })
      const socket = await openSocket(admin.port)
      const seen = watch(socket)
      for (const part of parts) {
        socket.write(part)
        await sleep(60)
      }
      await eventually('it is cut off', () => seen.closed, 2_500)
      assert.doesNotMatch(seen.text, / 200 /)
      await eventually('its place is free', () => admin.metric('portcullis_admin_connections') === 0)
    })
  }

  test('and does not take its answer is cut off, and others are answered meanwhile', async (t) => {
    const large = `${'x'.repeat(16 * 1024 * 1024)}\n`
    const admin = await openTestAdmin(t, { readMetrics: async () => large, limits: { answerMs: 2_000 } })
    const socket = await openSocket(admin.port)
    const seen = { closed: false }
    socket.on('close', () => {
      seen.closed = true
    })
    socket.pause()
    socket.write(scrape)
    assert.equal((await ask(`${admin.url}/metrics`, withToken())).body.length, large.length)
    await eventually('its place is free', () => admin.metric('portcullis_admin_connections') === 0, 6_000)
    socket.resume()
    await eventually('it notices', () => seen.closed)
    assert.ok(socket.bytesRead < large.length, `${socket.bytesRead} bytes got through`)
  })

  test('and idle between two requests gives its place back', async (t) => {
    const admin = await openTestAdmin(t, { limits: { requestMs: 200 } })
    const socket = await openSocket(admin.port)
    const seen = watch(socket)
    socket.write(scrape)
    await eventually('it is answered', () => seen.text.includes(' 200 '))
    await eventually('it is cut off', () => seen.closed, 3_000)
  })
})

describe('a caller that opens connection after connection', () => {
  test('gets so many, and leaves room for others', { skip }, async (t) => {
    const admin = await openTestAdmin(t, { host: '0.0.0.0', limits: { maxConnectionsPerPeer: 4, requestMs: 5_000 } })
    const sockets = await Promise.all(Array.from({ length: 10 }, () => openSocket(admin.port)))
    t.after(() => sockets.forEach((socket) => void socket.destroy()))
    await eventually('the rest is refused', () => admin.metric('portcullis_admin_connections_refused_total') === 6)
    assert.equal(admin.metric('portcullis_admin_connections'), 4)
    // From another address: the same machine, another peer.
    const other = await ask(`http://127.0.0.1:${admin.port}/ready`, { localAddress: '127.0.0.9' })
    assert.equal(other.status, 200)
    for (const socket of sockets) socket.destroy()
    await eventually('there is room again', () => admin.metric('portcullis_admin_connections') === 0)
    const again = await Promise.all(Array.from({ length: 4 }, () => openSocket(admin.port)))
    await eventually('all of it', () => admin.metric('portcullis_admin_connections') === 4)
    for (const socket of again) socket.destroy()
  })

  test('cannot exceed what there is for all', async (t) => {
    const admin = await openTestAdmin(t, {
      limits: { maxConnections: 3, maxConnectionsPerPeer: 100, requestMs: 5_000 },
    })
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(admin.port)))
    t.after(() => sockets.forEach((socket) => void socket.destroy()))
    await eventually('the rest is refused', () => admin.metric('portcullis_admin_connections_refused_total') === 5)
    assert.equal(admin.metric('portcullis_admin_connections'), 3)
  })
})

describe('a flood of scrapes', () => {
  test('reads the metrics once a second, not once a scrape', async (t) => {
    const admin = await openTestAdmin(t, {
      readMetrics: async () => {
        await sleep(50)
        return 'a 1\n'
      },
    })
    const started = performance.now()
    const loops = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 25; i++) assert.equal((await ask(`${admin.url}/metrics`, withToken())).body, 'a 1\n')
    })
    await Promise.all(loops)
    const seconds = (performance.now() - started) / 1000
    assert.ok(admin.readings() <= 1 + seconds, `${admin.readings()} readings in ${seconds} s`)
  })

  test('on one connection, without waiting for answers, ends the connection', async (t) => {
    const admin = await openTestAdmin(t, {
      readMetrics: async () => {
        await sleep(300)
        return 'a 1\n'
      },
    })
    assert.deepEqual(statusesOf(await exchangeRaw(admin.port, scrape.repeat(8), 1_000)), Array(8).fill(200))
    await sleep(1_100)
    assert.deepEqual(statusesOf(await exchangeRaw(admin.port, scrape.repeat(500), 1_000)), [])
    assert.equal((await ask(`${admin.url}/ready`)).status, 200)
  })
})

describe('a body', () => {
  test('is neither wanted nor read: the answer comes before it, and the connection ends', async (t) => {
    const admin = await openTestAdmin(t)
    const head = scrape.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n')
    const socket = await openSocket(admin.port)
    const seen = watch(socket)
    socket.write(head)
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const pump = setInterval(() => socket.writable && socket.write(chunk), 1)
    t.after(() => clearInterval(pump))
    await eventually('the connection ends', () => seen.closed)
    assert.deepEqual(statusesOf(seen.text), [200])
    await eventually('its place is free', () => admin.metric('portcullis_admin_connections') === 0)
  })

  test('is not called for', async (t) => {
    const admin = await openTestAdmin(t)
    for (const expectation of ['100-continue', 'something-else']) {
      const head = `POST /ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: ${expectation}\r\n\r\n`
      assert.deepEqual(statusesOf(await exchangeRaw(admin.port, head)), [405])
    }
  })

  test('cannot smuggle a request', async (t) => {
    const admin = await openTestAdmin(t)
    const body = scrape
    const head = `POST /ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`
    assert.deepEqual(statusesOf(await exchangeRaw(admin.port, head + body)), [405])
    const both = `GET /ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
    assert.deepEqual(statusesOf(await exchangeRaw(admin.port, both)), [400])
    assert.equal(admin.readings(), 0)
  })
})

describe('bytes that are no request', () => {
  const cases = [
    ['\r\n\r\n\x00\x01\x02\r\n\r\n', 400],
    ['GET /ready HTTP/1.1\r\nHost: localhost\r\nBad Field: x\r\n\r\n', 400],
    ['GET /ready HTTP/9.9\r\nHost: localhost\r\n\r\n', 400],
    [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    [`GET /ready HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    [`GET /ready HTTP/1.1\r\nHost: localhost\r\n${'X-A: b\r\n'.repeat(3_000)}\r\n`, 431],
  ] as const
  for (const [bytes, status] of cases) {
    test(`are a problem with ${status}: ${JSON.stringify(bytes.slice(0, 60))}`, async (t) => {
      const admin = await openTestAdmin(t)
      const text = await exchangeRaw(admin.port, bytes, 1_500)
      assert.deepEqual(statusesOf(text), [status])
      assert.match(text, /\r\ncontent-type: application\/problem\+json\r\n/)
      assert.match(text, /\r\nconnection: close\r\n/)
      assert.match(text, /\r\nx-content-type-options: nosniff\r\n/)
      const [, body = ''] = text.split('\r\n\r\n')
      assert.equal(JSON.parse(body).status, status)
      assert.equal(admin.metric('portcullis_admin_requests_total', { status: String(status) }), 1)
      assert.equal((await ask(`${admin.url}/ready`)).status, 200)
    })
  }

  test('end the connection, though the client leaves its side open', async (t) => {
    const admin = await openTestAdmin(t)
    const socket = connect({ port: admin.port, host: '127.0.0.1', allowHalfOpen: true })
    t.after(() => socket.destroy())
    socket.on('error', () => {}).resume()
    socket.write('nonsense\r\n\r\n')
    await eventually('it is refused', () => admin.metric('portcullis_admin_requests_total', { status: '400' }) === 1)
    await eventually('its place is free', () => admin.metric('portcullis_admin_connections') === 0)
  })

  test('behind a request whose answer is under way do not spoil it', async (t) => {
    const admin = await openTestAdmin(t, {
      readMetrics: async () => {
        await sleep(100)
        return 'a 1\n'
      },
    })
    const text = await exchangeRaw(admin.port, `${scrape}\x00\x01nonsense\r\n\r\n`, 800)
    assert.deepEqual(statusesOf(text), [])
    assert.equal((await ask(`${admin.url}/metrics`, withToken())).status, 200)
  })
})
