import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2'
import { after, before, beforeEach, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createTestCertificate } from '../support/certificate.ts'
import { eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { requireService } from '../support/services.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const run = promisify(execFile)

let upstream: TestUpstreamServer
let gateway: TestGateway
let session: ClientHttp2Session

before(async () => {
  upstream = await startUpstreamServer(undefined, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    switch (pathname) {
      case '/status':
        response.writeHead(Number(searchParams.get('code')), { 'x-from': 'upstream' }).end()
        return
      case '/trailers':
        response.writeHead(200, { trailer: 'x-sum' })
        response.write('part')
        response.addTrailers({ 'x-sum': '42' })
        response.end()
        return
      case '/hints':
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.writeProcessing()
        setTimeout(() => response.end('done'), 20)
        return
      case '/repeated':
        response.socket?.end(
          'HTTP/1.1 200 OK\r\nETag: "1"\r\nETag: "2"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok',
        )
        return
      case '/big': {
        const size = Number(searchParams.get('size'))
        response.writeHead(200, { 'content-length': size })
        response.end(Buffer.alloc(size, 'z'))
        return
      }
      case '/hang':
        return
      default: {
        const hash = createHash('sha256')
        let bytes = 0
        request.on('data', (chunk: Buffer) => {
          hash.update(chunk)
          bytes += chunk.length
        })
        request.on('end', () => {
          const { method, url, headers } = request
          response.end(JSON.stringify({ method, url, headers, bytes, sum: hash.digest('hex') }))
        })
      }
    }
  })
  const snapshot = testSnapshot({
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute('/**', { methods: ['GET', 'POST'] })],
  })
  gateway = await startTestGateway(
    {
      ...snapshot,
      listen: { https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true }, http: null, admin: null },
    },
    { certificates: [{ ...createTestCertificate('localhost'), source: 'test' }] },
  )
  session = connect(gateway.url, { rejectUnauthorized: false })
})
after(async () => {
  session.destroy()
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  gateway.records.length = 0
})

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly interim: IncomingHttpHeaders[]
  readonly trailers: IncomingHttpHeaders | null
  readonly body: Buffer
}

function collect(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const interim: IncomingHttpHeaders[] = []
    let headers: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders | null = null
    stream.on('response', (fields) => {
      headers = fields
    })
    stream.on('headers', (fields) => interim.push(fields))
    stream.on('trailers', (fields) => {
      trailers = fields
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => resolve({ headers, interim, trailers, body: Buffer.concat(chunks) }))
  })
}

const get = (path: string, fields: Record<string, string | string[]> = {}) =>
  collect(session.request({ ':path': path, ...fields }))

test('bodies arrive whole in both directions, with and without a declared length', async () => {
  for (const size of [0, 1, 70_000, 3_000_000]) {
    const body = Buffer.alloc(size, 'b')
    for (const declared of [true, false]) {
      const stream = session.request({
        ':path': '/echo',
        ':method': 'POST',
        ...(declared && { 'content-length': String(size) }),
      })
      stream.end(body)
      const seen = JSON.parse((await collect(stream)).body.toString())
      assert.equal(seen.bytes, size)
      assert.equal(seen.sum, createHash('sha256').update(body).digest('hex'))
    }
  }
  assert.equal((await get('/big?size=20000000')).body.length, 20_000_000)
})

test('HEAD, 204 and 304 have no body, and their fields', async () => {
  const head = await get('/big?size=1000', { ':method': 'HEAD' })
  assert.equal(head.headers['content-length'], '1000')
  assert.equal(head.body.length, 0)
  for (const code of [204, 304]) {
    const { headers, body } = await get(`/status?code=${code}`)
    assert.equal(headers[':status'], code)
    assert.equal(headers['x-from'], 'upstream')
    assert.equal(headers['content-length'], undefined)
    assert.equal(body.length, 0)
  }
  assert.ok(gateway.records.every(({ outcome }) => !outcome.aborted))
})

test('trailers and interim answers pass, repeated fields too', async () => {
  const { trailers } = await get('/trailers', { te: 'trailers' })
  assert.equal(trailers?.['x-sum'], '42')
  const { interim, body } = await get('/hints')
  assert.deepEqual(
    interim.map((fields) => fields[':status']),
    [103, 102],
  )
  assert.equal(interim[0]?.link, '</a.css>; rel=preload')
  assert.equal(body.toString(), 'done')
  const repeated = await get('/repeated')
  assert.deepEqual(repeated.headers['set-cookie'], ['a=1', 'b=2'])
  assert.equal(repeated.body.toString(), 'ok')
})

test('split cookies become one field, and the authority is the host', async () => {
  const answer = await get('/echo', { cookie: ['a=1', 'b=2', 'c=3'] })
  const { headers } = JSON.parse(answer.body.toString())
  assert.equal(headers.cookie, 'a=1; b=2; c=3')
  assert.equal(headers['x-forwarded-host'], `127.0.0.1:${gateway.port}`)
  assert.equal(headers['x-forwarded-proto'], 'https')
})

test('a host that differs from the authority is refused', async () => {
  const same = await get('/echo', { ':authority': 'a.example', host: 'A.example' })
  assert.equal(same.headers[':status'], 200)
  const other = await get('/echo', { ':authority': 'a.example', host: 'b.example' })
  assert.equal(other.headers[':status'], 400)
})

test('a header section over the limit is refused with an answer, and the connection goes on', async () => {
  const { maxHeaderBytes } = testSnapshot().server
  // Once our settings are acknowledged, Node itself resets what is larger than they say.
  await get('/echo')
  gateway.records.length = 0
  for (const bytes of [maxHeaderBytes, maxHeaderBytes + 10_000]) {
    const { headers, body } = await get('/echo', { 'x-large': 'x'.repeat(bytes) })
    assert.equal(headers[':status'], 431)
    assert.match(body.toString(), /headers-too-large/)
  }
  const codes = gateway.records.map(({ exchange }) => exchange.refusal?.code)
  assert.deepEqual(codes, ['header_too_large', 'header_too_large'])
  assert.equal((await get('/echo', { 'x-large': 'x'.repeat(10_000) })).headers[':status'], 200)
})

test('a hundred streams at once on one connection', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => {
      const stream = session.request({ ':path': `/echo?${i}`, ':method': 'POST' })
      stream.end(Buffer.alloc(i * 1000, 'c'))
      return collect(stream)
    }),
  )
  answers.forEach(({ body }, i) => {
    const seen = JSON.parse(body.toString())
    assert.equal(seen.url, `/echo?${i}`)
    assert.equal(seen.bytes, i * 1000)
  })
})

test('a refused upload gets its answer, is told to stop, and the connection goes on', async () => {
  const stream = session.request({ ':path': '/echo', ':method': 'PUT' })
  const pump = setInterval(() => stream.writable && stream.write(Buffer.alloc(16_384)), 1)
  const closed = new Promise((resolve) => stream.on('close', resolve))
  const { headers, body } = await collect(stream)
  await closed
  clearInterval(pump)
  assert.equal(headers[':status'], 405)
  assert.match(body.toString(), /method-not-allowed/)
  assert.equal(stream.rstCode, 0)
  const head = session.request({ ':path': '/echo', ':method': 'DELETE' })
  assert.equal((await collect(head)).headers[':status'], 405)
  assert.equal((await get('/echo')).headers[':status'], 200)
})

test('a client that resets a stream ends its exchange, once, and its upstream call', async () => {
  for (const method of ['GET', 'POST'] as const) {
    gateway.records.length = 0
    const stream = session.request({ ':path': '/hang', ':method': method })
    stream.on('error', () => {})
    if (method === 'POST') stream.write(Buffer.alloc(200_000))
    await sleep(100)
    stream.close(8)
    await eventually('it is recorded', () => gateway.records.length === 1)
    assert.equal(gateway.records[0]?.outcome.aborted, true)
  }
  const reading = session.request({ ':path': '/big?size=50000000' })
  reading.once('data', () => reading.close(8))
  await eventually('the third is recorded', () => gateway.records.length === 2)
  await eventually('no call is open', () => upstreamStatus().every(({ active, slow }) => active + slow === 0))
})

const upstreamStatus = () => [...(gateway.serving.current?.upstreams.values() ?? [])].flatMap((one) => one.status())

test('a reader that does not read holds back the upstream in bounded memory', async () => {
  const own = connect(gateway.url, { rejectUnauthorized: false })
  const stream = own.request({ ':path': '/big?size=60000000' })
  const before = process.memoryUsage.rss()
  await sleep(500)
  const { heldBytes } = gateway.serving
  assert.ok(heldBytes > 0 && heldBytes <= 2 * 1024 * 1024, `${heldBytes} bytes held`)
  let bytes = 0
  for await (const chunk of stream) bytes += (chunk as Buffer).length
  assert.equal(bytes, 60_000_000)
  // The test's own upstream holds the answer whole.
  assert.ok(process.memoryUsage.rss() - before < 150_000_000)
  own.destroy()
  await eventually('nothing is held', () => gateway.serving.heldBytes === 0)
})

test('a connection that is cut ends all of its exchanges', async () => {
  const own = connect(gateway.url, { rejectUnauthorized: false })
  own.on('error', () => {})
  const streams = Array.from({ length: 20 }, () => own.request({ ':path': '/hang' }).on('error', () => {}))
  await sleep(100)
  own.socket.destroy()
  await eventually('all are recorded', () => gateway.records.length === streams.length)
  assert.ok(gateway.records.every(({ outcome }) => outcome.aborted))
})

const peers = {
  curl: (url: string) => ['-sk', '--http2', '-d', 'x'.repeat(100_000), `${url}/echo`],
  nghttp: (url: string) => ['-d', import.meta.filename, `${url}/echo`],
}

for (const name of ['curl', 'nghttp'] as const) {
  test(`another implementation as a client: ${name}`, async (t: TestContext) => {
    const path = requireService(t, name)
    if (path === undefined) return
    const { stdout } = await run(path, peers[name](gateway.url))
    const seen = JSON.parse(stdout)
    assert.equal(seen.method, 'POST')
    assert.ok(seen.bytes > 0)
    assert.equal(gateway.records[0]?.exchange.httpVersion, '2')
    // Both close their connection on the last frame, which is no reason to call the answer cut.
    await eventually('it is recorded', () => gateway.records[0]?.outcome.status === 200)
    assert.equal(gateway.records[0]?.outcome.aborted, false)
  })
}
