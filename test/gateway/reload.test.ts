import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { HttpListener, Snapshot } from '../../src/config/snapshot.ts'
import { next } from '../../src/core/decision.ts'
import { createTestCertificate } from '../support/certificate.ts'
import { eventually } from '../support/eventually.ts'
import { applyPolicy, fakePolicy } from '../support/fake-policy.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw, openSocket, statusesOf } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const certificates = [{ ...createTestCertificate('localhost'), source: 'test' }]
const disposed: string[] = []

/** Holds a piece of shared state, which is disposed with the last snapshot that uses it. */
const holding = fakePolicy('holding', ({ shared, route }) => {
  shared(
    `state of ${route.id}`,
    () => ({}),
    () => void disposed.push(route.id),
  )
  return { guard: () => next }
})
const failing = fakePolicy('failing', () => {
  throw new Error('the key file is missing')
})
const policies = [holding, failing]

let upstream: TestUpstreamServer
let connections = 0
const waiting: (() => void)[] = []
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer((request, response) => {
    if (request.url?.endsWith('/wait')) waiting.push(() => response.end('waited'))
    else response.end('ok')
  })
  upstream.server.on('connection', () => {
    connections++
  })
  gateway = await startTestGateway(snapshotWith('a'), { policies, certificates })
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(async () => {
  await gateway.use(snapshotWith('a'))
  gateway.records.length = 0
  disposed.length = 0
})

const plain: HttpListener = { host: '127.0.0.1', port: 0, mode: 'serve', redirect: 'navigations', reason: 'a test' }

function snapshotWith(name: string, extra: Partial<Snapshot> = {}): Snapshot {
  return testSnapshot({
    revision: name,
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute(`/${name}/**`, { id: name, policies: [applyPolicy('holding')] })],
    listen: { http: plain, https: null, admin: null },
    ...extra,
  })
}

const status = async (path: string, port = gateway.port) =>
  statusesOf(await exchangeRaw(port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`))[0] ?? 0

test('the next request meets the new revision; one under way keeps the old one and what it holds', async () => {
  const open = exchangeRaw(gateway.port, 'GET /a/wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 5_000)
  await eventually('it is under way', () => waiting.length === 1)
  await gateway.use(snapshotWith('b'))
  assert.equal(await status('/a/x'), 404)
  assert.equal(await status('/b/x'), 200)
  assert.deepEqual(disposed, [])
  waiting.pop()?.()
  assert.match(await open, /waited$/)
  await eventually('the old state is disposed', () => disposed.length === 1)
  assert.deepEqual(disposed, ['a'])
})

test('state that both revisions use lives on', async () => {
  await gateway.use(snapshotWith('a', { revision: 'a2' }))
  assert.deepEqual(disposed, [])
})

test('a revision that cannot be had changes nothing and leaves nothing', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const { port } = blocker.address() as { port: number }
  const bad: [string, Snapshot, RegExp][] = [
    [
      'a policy that fails',
      snapshotWith('b', {
        routes: [testRoute('/b/**', { id: 'b', policies: [applyPolicy('holding'), applyPolicy('failing')] })],
      }),
      /key file/,
    ],
    [
      'an unknown policy',
      snapshotWith('b', { routes: [testRoute('/b', { policies: [applyPolicy('unknown')] })] }),
      /no policy "unknown"/,
    ],
    [
      'a port that is taken',
      snapshotWith('b', { listen: { http: { ...plain, port }, https: null, admin: null } }),
      /EADDRINUSE/,
    ],
    [
      'a certificate that is missing',
      snapshotWith('b', {
        upstreams: {
          test: testUpstream(['https://127.0.0.1:1'], {
            tls: { ca: '/none.pem', cert: null, key: null, serverName: null },
          }),
        },
      }),
      /none\.pem/,
    ],
  ]
  for (const [name, snapshot, message] of bad) {
    disposed.length = 0
    await assert.rejects(gateway.use(snapshot), message, name)
    assert.equal(await status('/a/x'), 200, name)
    assert.equal(await status('/b/x'), 404, name)
    assert.ok(disposed.every((id) => id === 'b'))
  }
  assert.equal(gateway.serving.current?.revision, 'a')
  blocker.close()
})

test('an upstream that did not change keeps its connections', async () => {
  await status('/a/x')
  const before = connections
  for (let i = 0; i < 5; i++) {
    await gateway.use(snapshotWith('a', { revision: `a${i}` }))
    assert.equal(await status('/a/x'), 200)
  }
  assert.equal(connections, before)
  await gateway.use(snapshotWith('a', { upstreams: { test: testUpstream([upstream.url], { maxQueued: 7 }) } }))
  assert.equal(await status('/a/x'), 200)
  assert.equal(connections, before + 1)
})

test('a listener is moved: the new port serves, what is under way at the old one ends well', async () => {
  const own = await startTestGateway(snapshotWith('a'), { policies, certificates })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      get({ port: own.port, path, agent }, (response) => {
        response.resume().on('end', () => resolve(String(response.headers.connection)))
      }).on('error', reject)
    })
  await ask('/a/x')
  const open = ask('/a/wait')
  await eventually('it is under way', () => waiting.length === 1)
  const idle = await openSocket(own.port)
  // 127.0.0.2 is another address of the same machine.
  const moved = { listen: { http: { ...plain, host: '127.0.0.2' }, https: null, admin: null } }
  const opened = await own.serving.prepare({
    snapshot: snapshotWith('a', moved),
    certificates,
    ports: {},
    reusePort: false,
  })
  own.serving.commit()
  await eventually('idle connections end', () => idle.destroyed)
  waiting.pop()?.()
  assert.equal(await open, 'close')
  await assert.rejects(ask('/a/x'), /ECONNREFUSED/)
  const response = await fetch(`http://127.0.0.2:${opened[0]?.port}/a/x`)
  assert.equal(response.status, 200)
  await own.stop()
  await assert.rejects(fetch(`http://127.0.0.2:${opened[0]?.port}/a/x`))
})

test('limits that change apply to open listeners', async () => {
  const { server } = snapshotWith('a')
  const large = `GET /a/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ${'y'.repeat(6_000)}\r\n\r\n`
  assert.deepEqual(statusesOf(await exchangeRaw(gateway.port, large)), [200])
  await gateway.use(snapshotWith('a', { server: { ...server, maxHeaderBytes: 4_096, keepAliveTimeoutMs: 7_000 } }))
  assert.deepEqual(statusesOf(await exchangeRaw(gateway.port, large)), [431])
  assert.match(await exchangeRaw(gateway.port, 'GET /a/x HTTP/1.1\r\nHost: a\r\n\r\n', 100), /timeout=7/)
})

test('stopping lets open exchanges end, tells clients, and cuts what takes too long', async () => {
  const listen = {
    http: plain,
    https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true } as const,
    admin: null,
  }
  const own = await startTestGateway(snapshotWith('a', { listen }), { policies, certificates })
  const urls = new Map(own.listeners.map(({ name, port }) => [name, port]))
  const session = connectHttp2(`https://127.0.0.1:${urls.get('https')}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  let goaway = false
  session.on('goaway', () => {
    goaway = true
  })
  const ask = (path: string) => exchangeRaw(urls.get('http') ?? 0, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, 5_000)
  const short = ask('/a/wait')
  await eventually('the first is under way', () => waiting.length === 1)
  const long = ask('/a/wait')
  await eventually('the second is under way', () => waiting.length === 2)
  const stream = session.request({ ':path': '/a/wait' })
  const answered = new Promise<number>((resolve) =>
    stream.on('response', (fields) => resolve(Number(fields[':status']))),
  )
  await eventually('the third is under way', () => waiting.length === 3)
  const started = performance.now()
  const stopped = own.serving.stop(600)
  await sleep(100)
  const [first, , third] = waiting.splice(0)
  first?.()
  third?.()
  assert.match(await short, /^HTTP\/1\.1 200[\s\S]*connection: close[\s\S]*waited$/i)
  assert.equal(await answered, 200)
  assert.ok(goaway)
  assert.equal(await long, '')
  await stopped
  const ms = performance.now() - started
  assert.ok(ms > 500 && ms < 1_500, `${ms} ms`)
  assert.deepEqual(own.records.map(({ outcome }) => outcome.aborted).sort(), [false, false, true])
  session.destroy()
})

test('no request is lost while revisions follow each other', async () => {
  let stop = false
  let asked = 0
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const worker = async () => {
    while (!stop) {
      asked++
      await new Promise<void>((resolve, reject) => {
        get({ port: gateway.port, path: '/a/x', agent }, (response) => {
          response
            .resume()
            .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))))
        }).on('error', reject)
      })
    }
  }
  const workers = Array.from({ length: 8 }, worker)
  for (let i = 0; i < 100; i++) {
    await gateway.use(
      snapshotWith('a', {
        revision: `r${i}`,
        upstreams: { test: testUpstream([upstream.url], { maxQueued: 100 + i }) },
      }),
    )
    await sleep(3)
  }
  stop = true
  await Promise.all(workers)
  assert.ok(asked > 100)
  assert.ok(gateway.records.every(({ outcome }) => outcome.status === 200 && !outcome.aborted))
  agent.destroy()
})

test('a thousand reloads leave nothing behind', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const reload = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await gateway.use(
        snapshotWith('a', {
          revision: `r${i}`,
          upstreams: { test: testUpstream([upstream.url], { maxQueued: 50 + (i % 7) }) },
        }),
      )
      if (i % 50 === 0) await status('/a/x')
      // Now and then one fails, or is prepared and forgotten.
      if (i % 10 === 0) {
        await assert.rejects(
          gateway.use(snapshotWith('b', { routes: [testRoute('/b', { policies: [applyPolicy('failing')] })] })),
        )
        await gateway.serving.prepare({
          snapshot: snapshotWith('b'),
          certificates,
          ports: { http: gateway.port },
          reusePort: false,
        })
        gateway.serving.discard()
      }
    }
    gateway.records.length = 0
    disposed.length = 0
    await sleep(50)
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = await reload(200)
  const timersBefore = process.getActiveResourcesInfo().length
  const growth = (await reload(1_000)) - before
  assert.ok(growth < 1_500_000, `${growth} bytes more`)
  assert.ok(process.getActiveResourcesInfo().length <= timersBefore + 5)
})
