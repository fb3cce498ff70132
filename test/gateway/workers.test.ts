import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { Snapshot } from '../../src/config/snapshot.ts'
import type { MetricJson } from '../../src/observe/metrics.ts'
import { openServices, type Services } from '../../src/runtime/services.ts'
import { Supervisor } from '../../src/runtime/supervisor.ts'
import { createTestCertificate } from '../support/certificate.ts'
import { eventually } from '../support/eventually.ts'
import { exchangeRaw, statusesOf } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

// Only Linux shares a port between threads.
const skip = process.platform !== 'linux'
const certificates = [{ ...createTestCertificate('localhost'), source: 'test' }]

let folder: string
const waiting: (() => void)[] = []
let upstream: TestUpstreamServer
let services: Services
let supervisor: Supervisor
let events: { event: string; fields: unknown }[]
/** Every thread of this process, as Node itself reports it: from here they can be made to crash. */
const workers: Worker[] = []
process.on('worker', (worker) => void workers.push(worker))

before(async () => {
  upstream = await startUpstreamServer((request, response) => {
    if (request.url === '/a/wait') waiting.push(() => response.end('waited'))
    else response.end('ok')
  })
})
after(() => upstream.close())
beforeEach(async () => {
  workers.length = 0
  events = []
  folder = await mkdtemp(join(tmpdir(), 'gateway-threads-'))
  const note = (event: string, fields: unknown) => void events.push({ event, fields })
  const log = { info: note, warn: note, error: note }
  services = await openServices(snapshotWith('a'), log)
  supervisor = new Supervisor({
    log,
    workerData: (index) => ({
      ...services.init,
      thread: `gateway-${index}`,
      passwords: services.sharePasswords(),
    }),
    onKeyUses: () => {},
    onStoreCall: services.answerStoreCall,
  })
})
afterEach(async () => {
  await supervisor.stop(0)
  await services.close()
  await rm(folder, { recursive: true })
})

function snapshotWith(name: string, extra: Partial<Snapshot> = {}): Snapshot {
  const base = testSnapshot({
    revision: name,
    dataFolder: folder,
    data: { kind: 'sqlite', path: join(folder, 'store.db') },
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute(`/${name}/**`, { id: name })],
    ...extra,
  })
  return { ...base, server: { ...base.server, workers: 2, ...extra.server } }
}

const httpPort = () => supervisor.listeners.find(({ name }) => name === 'http')?.port ?? 0
const agent = () => new Agent({ keepAlive: false })

const ask = (path: string) =>
  new Promise<number>((resolve, reject) => {
    get({ port: httpPort(), path, agent: agent() }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    }).on('error', reject)
  })

const requestsIn = (metrics: readonly MetricJson[], route: string) =>
  metrics
    .filter(({ name }) => name === 'portcullis_requests_total')
    .flatMap(({ values }) => values)
    .filter(({ labels }) => labels.route === route)
    .reduce((sum, { value }) => sum + value, 0)

test('two threads share the port; both serve', { skip }, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  assert.equal(supervisor.threadCount, 2)
  assert.equal(workers.length, 2)
  for (let i = 0; i < 40; i++) assert.equal(await ask('/a/x'), 200)
  const requests = (await supervisor.metrics()).map((metrics) => requestsIn(metrics, 'a'))
  assert.equal(requests.length, 2)
  assert.ok(
    requests.every((count) => count > 0),
    `served: ${requests}`,
  )
})

test('a thread that crashes is replaced while the other one serves', { skip }, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  let lost = 0
  let answered = 0
  let stop = false
  const load = async () => {
    while (!stop) {
      await ask('/a/x').then(
        (status) => {
          assert.equal(status, 200)
          answered++
        },
        () => lost++,
      )
    }
  }
  const loads = [load(), load(), load(), load()]
  await sleep(100)
  for (let crash = 1; crash <= 2; crash++) {
    await workers.at(-1)?.terminate()
    await eventually('it is replaced', () => supervisor.threadCount === 2 && supervisor.crashes === crash, 20_000)
  }
  await sleep(100)
  stop = true
  await Promise.all(loads)
  // Those that the crashed thread had in hand, at most.
  assert.ok(lost <= 8, `${lost} lost`)
  assert.ok(answered > 50)
  assert.equal(workers.length, 4)
})

test('what threads counted outlives them', { skip }, async () => {
  const counted = async () => requestsIn((await supervisor.metrics()).flat(), 'counted')
  await supervisor.apply(snapshotWith('counted'), certificates)
  for (let i = 0; i < 20; i++) assert.equal(await ask('/counted/x'), 200)
  assert.equal(await counted(), 20)
  // Cut off, as one that is stuck is: what was scraped stays.
  await workers[0]?.terminate()
  await eventually('it is replaced', () => supervisor.threadCount === 2 && supervisor.crashes === 1, 20_000)
  for (let i = 0; i < 10; i++) assert.equal(await ask('/counted/x'), 200)
  // By an exception: what nobody has scraped yet stays as well.
  workers[1]?.postMessage(null)
  await eventually('it is replaced', () => supervisor.threadCount === 2 && supervisor.crashes === 2, 20_000)
  assert.equal(await counted(), 30)
  // By a reload to fewer threads.
  for (let i = 0; i < 10; i++) assert.equal(await ask('/counted/x'), 200)
  const fewer = snapshotWith('counted')
  await supervisor.apply({ ...fewer, server: { ...fewer.server, workers: 1 } }, certificates)
  assert.ok((await counted()) >= 30)
  await eventually('the other has ended', () => workers.filter(({ threadId }) => threadId !== -1).length === 1, 20_000)
  assert.equal(await counted(), 40)
})

test('all threads crashing at once is survived, and so is a crash in the middle of a reload', {
  skip,
}, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  await Promise.all(workers.slice(0, 2).map((worker) => worker.terminate()))
  await eventually('both are replaced', () => supervisor.threadCount === 2, 20_000)
  assert.equal(await ask('/a/x'), 200)
  assert.equal(supervisor.crashes, 2)
  // One crashes in the middle of a reload: nothing changes.
  const applied = supervisor.apply(snapshotWith('b'), certificates)
  const ended = workers.at(-1)?.terminate()
  const outcome = await applied.then(
    () => 'b',
    () => 'a',
  )
  await ended
  await eventually('it is replaced again', () => supervisor.threadCount === 2, 20_000)
  for (let i = 0; i < 10; i++) assert.equal(await ask(`/${outcome}/x`), 200)
})

test('all threads switch to a revision, or none does', { skip }, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  await supervisor.apply(snapshotWith('b'), certificates)
  for (let i = 0; i < 20; i++) assert.equal(await ask('/b/x'), 200)
  const bad = snapshotWith('c', {
    routes: [
      testRoute('/c', {
        policies: [{ name: 'nonsense', options: {}, mode: 'enforce', origin: 'route', position: null }],
      }),
    ],
  })
  await assert.rejects(supervisor.apply(bad, certificates), /no policy "nonsense"/)
  for (let i = 0; i < 20; i++) assert.equal(await ask('/b/x'), 200)
})

test('a failed reload that would have moved a port remembers nothing of it', { skip }, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  const port = httpPort()
  const moved = snapshotWith('b', {
    listen: {
      http: { host: '127.0.0.2', port: 0, mode: 'serve', redirect: 'navigations', reason: 'x' },
      https: null,
      admin: null,
    },
    routes: [
      testRoute('/b', {
        policies: [{ name: 'nonsense', options: {}, mode: 'enforce', origin: 'route', position: null }],
      }),
    ],
  })
  await assert.rejects(supervisor.apply(moved, certificates))
  assert.equal(httpPort(), port)
  assert.equal(await ask('/a/x'), 200)
  // A port of another program is told, though the system would let us share it.
  const other = await startUpstreamServer()
  const taken = snapshotWith('b', {
    listen: {
      http: { host: '127.0.0.1', port: other.port, mode: 'serve', redirect: 'navigations', reason: 'x' },
      https: null,
      admin: null,
    },
  })
  await assert.rejects(supervisor.apply(taken, certificates), /another program listens there/)
  assert.equal(await ask('/a/x'), 200)
  await other.close()
})

test('stopping lets open exchanges end in every thread', { skip }, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  const raw = () => exchangeRaw(httpPort(), 'GET /a/wait HTTP/1.1\r\nHost: a\r\n\r\n', 8_000)
  const open = Array.from({ length: 8 }, raw)
  await eventually('all are under way', () => waiting.length === 8)
  const stopped = supervisor.stop(5_000)
  await sleep(50)
  for (const answer of waiting.splice(0)) answer()
  for (const text of await Promise.all(open)) {
    assert.deepEqual(statusesOf(text), [200])
    assert.ok(text.endsWith('waited'))
  }
  await stopped
  await assert.rejects(ask('/a/x'))
  assert.equal(supervisor.threadCount, 0)
})

test('stopping cuts what takes longer than the drain time', { skip }, async () => {
  await supervisor.apply(snapshotWith('a'), certificates)
  const raw = exchangeRaw(httpPort(), 'GET /a/wait HTTP/1.1\r\nHost: a\r\n\r\n', 8_000)
  await eventually('it is under way', () => waiting.length === 1)
  const started = performance.now()
  await supervisor.stop(50)
  // Not the margin that a stuck thread gets on top.
  assert.ok(performance.now() - started < 1_500)
  assert.equal(await raw, '')
  waiting.length = 0
})

test('the plain listener redirects to the port that HTTPS got', { skip }, async () => {
  const snapshot = snapshotWith('a', {
    listen: {
      https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true },
      http: { host: '127.0.0.1', port: 0, mode: 'redirect', redirect: 'all', reason: null },
      admin: null,
    },
  })
  await supervisor.apply(snapshot, certificates)
  const httpsPort = supervisor.listeners.find(({ name }) => name === 'https')?.port
  for (let i = 0; i < 8; i++) {
    const text = await exchangeRaw(httpPort(), 'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    assert.match(text, new RegExp(`location: https://localhost:${httpsPort}/a`))
  }
})
