import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from './support/admin.ts'
import { createTestAuthority } from './support/certificate-authority.ts'
import { eventually } from './support/eventually.ts'
import { openSocket, statusesOf } from './support/raw-http.ts'
import { type ServedGateway, serveGateway } from './support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from './support/upstream-server.ts'

// Elsewhere loopback has one address, and threads do not share a port.
const isLinux = process.platform === 'linux'

let upstream: TestUpstreamServer
const waiting: (() => void)[] = []

before(async () => {
  upstream = await startUpstreamServer((request, response) => {
    if (request.url === '/open/wait') waiting.push(() => response.end('waited'))
    else response.end('ok')
  })
})
after(() => upstream.close())

const policyFile = (admin: string) => `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: a test }
  admin: ${admin}
server: { workers: 2 }
log: { level: warn }
upstreams: { test: { targets: ["${upstream.url}"] } }
routes:
  - { path: /open/**, access: public, reason: a test, upstream: test }
  - { path: /keys/**, upstream: test, authenticate: [apiKey] }
`

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** The sum of a metric's series. */
function valueIn(text: string, name: string): number {
  const lines = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))]
  assert.notEqual(lines.length, 0, `no ${name}`)
  return lines.reduce((sum, [, value]) => sum + Number(value), 0)
}

// Whole programs are started, which takes a while on a busy machine.
const timeout = 170_000

describe('the admin listener of a served gateway', { timeout }, () => {
  let gateway: ServedGateway
  let token: string

  before(async () => {
    gateway = await serveGateway(policyFile('{ port: 0 }'))
    token = await gateway.readMetricsToken()
  })
  after(() => gateway.stop())

  test('is for this machine', { skip: !isLinux }, async () => {
    const url = new URL(gateway.adminUrl)
    assert.equal(url.hostname, '127.0.0.1')
    await assert.rejects(ask(`http://127.0.0.2:${url.port}/ready`), /ECONNREFUSED/)
  })

  test('shows metrics to who can read the token that the first start made', async () => {
    const file = join(gateway.folder, 'data', 'metrics.token')
    if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await ask(`${gateway.adminUrl}/metrics`)).status, 401)
    await ask(`${gateway.urls[0]}/open/x`)
    await ask(`${gateway.urls[0]}/keys/x`)
    const { status, body } = await ask(`${gateway.adminUrl}/metrics`, bearer(token))
    assert.equal(status, 200)
    assert.equal(valueIn(body, 'portcullis_requests_total'), 2)
    assert.equal(valueIn(body, 'portcullis_refusals_total'), 1)
    assert.equal(valueIn(body, 'portcullis_gateway_threads'), isLinux ? 2 : 1)
    assert.equal(valueIn(body, 'portcullis_admin_requests_total'), 1)
  })

  test('refuses a host that is not its own, and says so in the log, which never holds the token', async () => {
    const headers = { ...bearer(token).headers, host: 'rebound.example' }
    assert.equal((await ask(`${gateway.adminUrl}/metrics`, { headers })).status, 421)
    const line = /"problem":"admin_host_unknown","detail":"rebound\.example"/
    await eventually('it is logged', () => line.test(gateway.output()))
    assert.doesNotMatch(gateway.output(), new RegExp(token))
  })

  test('can be flooded without harm to the gateway', { skip: !isLinux }, async () => {
    const key = await gateway.createKey('shop')
    const call = async () => {
      const started = performance.now()
      const { status } = await ask(`${gateway.urls[0]}/keys/x`, { headers: { 'x-api-key': key } })
      return { status, ms: performance.now() - started }
    }
    assert.equal((await call()).status, 200)

    const until = { stop: false }
    const port = Number(new URL(gateway.adminUrl).port)
    const head = 'HTTP/1.1\r\nHost: localhost\r\n'
    const floods = [
      ...flood(port, 6, `GET /metrics ${head}Authorization: Bearer ${token}\r\n\r\n`, until),
      ...flood(port, 5, `GET /metrics ${head}\r\n`, until),
      ...flood(port, 5, `GET /ready ${head}\r\n`, until),
    ]
    const calls: { status: number; ms: number }[] = []
    const end = performance.now() + 2_000
    while (performance.now() < end) calls.push(await call())
    // The flood holds every connection that its address may have; a scraper with another one is let in.
    const { status, body } = await ask(`${gateway.adminUrl}/metrics`, { ...bearer(token), localAddress: '127.0.0.8' })
    until.stop = true
    const answers = (await Promise.all(floods)).reduce((sum, count) => sum + count, 0)

    assert.ok(answers > 200, `a flood of ${answers} is none`)
    assert.ok(calls.length > 5, `${calls.length} calls`)
    assert.deepEqual(new Set(calls.map((one) => one.status)), new Set([200]))
    const slowest = Math.max(...calls.map(({ ms }) => ms))
    assert.ok(slowest < 5_000, `one call took ${slowest} ms`)
    assert.equal(status, 200)
    // Keys that are remembered may be used as long as revocations are read, which the flooded thread does.
    assert.equal(valueIn(body, 'portcullis_change_log_failing'), 0)
    assert.equal(valueIn(body, 'portcullis_gateway_thread_crashes_total'), 0)
    assert.ok(gateway.output().split('\n').length < 100, 'the log is not flooded')
  })

  test('says not ready, but live, while the gateway drains', async () => {
    const statusOf = async (path: string) => (await ask(gateway.adminUrl + path)).status
    assert.deepEqual([await statusOf('/ready'), await statusOf('/live')], [200, 200])
    const open = ask(`${gateway.urls[0]}/open/wait`)
    await eventually('it is under way', () => waiting.length === 1)
    gateway.signal('SIGTERM')
    let ready = 200
    for (let i = 0; i < 100 && ready === 200; i++) {
      await sleep(20)
      ready = await statusOf('/ready')
    }
    assert.deepEqual([ready, await statusOf('/live')], [503, 200])
    for (const answer of waiting.splice(0)) answer()
    assert.equal((await open).body, 'waited')
  })
})

/** Keeps asking on connections of one address, opened again when they are ended, until it is told to stop. */
function flood(port: number, connections: number, request: string, until: { stop: boolean }): Promise<number>[] {
  return Array.from({ length: connections }, async () => {
    let answers = 0
    while (!until.stop) {
      const socket = await openSocket(port).catch(() => null)
      if (socket === null) continue
      await new Promise<void>((resolve) => {
        socket.on('data', (chunk) => {
          answers += statusesOf(chunk.toString('latin1')).length
          if (until.stop) socket.destroy()
          else socket.write(request)
        })
        socket.setTimeout(1_000, () => socket.destroy())
        socket.on('close', () => resolve())
        socket.write(request)
      })
    }
    return answers
  })
}

describe('on an address that other machines reach', { timeout }, () => {
  test('it does not start where the token would pass in clear', async () => {
    await assert.rejects(
      serveGateway(policyFile('{ host: 0.0.0.0, port: 0 }')),
      /portcullis\.yaml:4:18: "0\.0\.0\.0" is not loopback: the metrics token would pass in clear/,
    )
  })

  test('it is HTTPS, and follows a renewed certificate', { timeout }, async (t) => {
    const [before, renewed] = [await createTestAuthority(), await createTestAuthority()]
    const issue = async (folder: string, authority: typeof before) => {
      const { cert, key } = await authority.issue(['localhost', 'gateway.internal'])
      await writeFile(join(folder, 'admin.key'), key)
      await writeFile(join(folder, 'admin.pem'), cert)
    }
    const certificate = 'certificate: { cert: file:admin.pem, key: file:admin.key }'
    const gateway = await serveGateway(async (folder) => {
      await issue(folder, before)
      return policyFile(`{ host: 0.0.0.0, port: 0, ${certificate}, names: [gateway.internal] }`)
    })
    t.after(() => gateway.stop())
    const token = await gateway.readMetricsToken()
    const scrape = (ca: string, host = 'localhost') =>
      ask(`${gateway.adminUrl}/metrics`, { ca, servername: host, headers: { ...bearer(token).headers, host } })
    assert.match(gateway.adminUrl, /^https:/)
    assert.equal((await scrape(before.ca)).status, 200)
    assert.equal((await scrape(before.ca, 'gateway.internal')).status, 200)
    await assert.rejects(ask(`${gateway.adminUrl.replace('https:', 'http:')}/metrics`, bearer(token)))

    await issue(gateway.folder, renewed)
    let status = 0
    for (let i = 0; i < 100 && status !== 200; i++) {
      await sleep(50)
      status = (await scrape(renewed.ca).catch(() => ({ status: 0 }))).status
    }
    assert.equal(status, 200)
    await assert.rejects(scrape(before.ca))
  })
})
