import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { HttpListener, Snapshot } from '../../src/config/snapshot.ts'
import type { CertificatePair } from '../../src/gateway/tls.ts'
import { cors } from '../../src/policies/cors/index.ts'
import { createTestCertificate } from '../support/certificate.ts'
import { parseTestOptions } from '../support/exchange.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const certificates: CertificatePair[] = [{ ...createTestCertificate('localhost'), source: 'test' }]
let upstream: TestUpstreamServer
let gateway: TestGateway

/** Both listeners are open; how the plain one serves is what the tests vary. */
function snapshotWith(http: Partial<HttpListener>, extra: Partial<Snapshot> = {}): Snapshot {
  return testSnapshot({
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute('/**')],
    listen: {
      https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true },
      http: { host: '127.0.0.1', port: 0, mode: 'redirect', redirect: 'navigations', reason: null, ...http },
      admin: null,
    },
    ...extra,
  })
}

before(async () => {
  upstream = await startUpstreamServer()
  gateway = await startTestGateway(snapshotWith({}), { certificates, policies: [cors] })
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
  gateway.events.length = 0
})

const portOf = (name: string) => gateway.listeners.find((listener) => listener.name === name)?.port ?? 0
const plain = (head: string) => exchangeRaw(portOf('http'), `${head}\r\nConnection: close\r\n\r\n`)

test('a navigation is sent to HTTPS with path and query, and nothing is forwarded', async () => {
  await gateway.use(snapshotWith({}))
  for (const fields of ['Sec-Fetch-Mode: navigate', 'Accept: text/html,*/*']) {
    const text = await plain(`GET /orders/1?a=b HTTP/1.1\r\nHost: shop.example:8080\r\n${fields}`)
    assert.match(text, /^HTTP\/1\.1 308/)
    assert.match(text, new RegExp(`location: https://shop.example:${portOf('https')}/orders/1\\?a=b\r\n`))
    assert.match(text, /cache-control: no-store/)
  }
  assert.equal(upstream.seen.length, 0)
})

test('a call is refused, and a credential that came with it is flagged as exposed', async () => {
  await gateway.use(snapshotWith({}))
  for (const [fields, exposed] of [
    ['Accept: application/json', []],
    ['Accept: text/html\r\nAuthorization: Bearer s3cr3t', ['authorization']],
    ['Sec-Fetch-Mode: navigate\r\nX-API-Key: s3cr3t', ['x-api-key']],
    ['Sec-Fetch-Mode: cors\r\nCookie: session=s3cr3t\r\nAuthorization: Basic s3cr3t', ['authorization', 'cookie']],
  ] as const) {
    gateway.events.length = 0
    const text = await plain(`GET /orders HTTP/1.1\r\nHost: a\r\n${fields}`)
    assert.match(text, /^HTTP\/1\.1 403[\s\S]*https-required/)
    const flagged = gateway.events.filter(({ event }) => event === 'credential_exposed')
    assert.deepEqual(
      flagged.map((one) => (one.fields as { field: string }).field),
      exposed,
    )
    assert.doesNotMatch(JSON.stringify(gateway.events), /s3cr3t/)
  }
  assert.match(await plain('POST /orders HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nContent-Length: 0'), / 403 /)
  assert.equal(upstream.seen.length, 0)
})

test('a preflight is refused, though its page may call: no credential follows it', async () => {
  const options = parseTestOptions(cors, { origins: ['https://app.example'] })
  const policies = [{ name: 'cors', options, mode: 'enforce', origin: 'defaults', position: null }] as const
  const forward = { kind: 'none' } as const
  const fallback = testRoute('/**', { id: 'fallback', forward, policies })
  const head =
    'OPTIONS /orders HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: GET'
  await gateway.use(snapshotWith({ mode: 'serve', reason: 'a balancer ends TLS' }, { routes: [], fallback }))
  assert.match(await plain(head), /^HTTP\/1\.1 204/)
  await gateway.use(snapshotWith({}, { fallback }))
  assert.match(await plain(head), /^HTTP\/1\.1 403[\s\S]*https-required/)
  await gateway.use(snapshotWith({ redirect: 'all' }, { fallback }))
  assert.match(await plain(head), /^HTTP\/1\.1 301/)
})

test('redirect all: 301 for every call, and the credential is flagged all the same', async () => {
  await gateway.use(snapshotWith({ redirect: 'all' }))
  const text = await plain('POST /orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abc\r\nContent-Length: 0')
  assert.match(text, /^HTTP\/1\.1 301/)
  assert.ok(gateway.events.some(({ event }) => event === 'credential_exposed'))
  assert.equal(upstream.seen.length, 0)
})

test('serve: plain HTTP reaches the upstream and is named as such', async () => {
  await gateway.use(snapshotWith({ mode: 'serve', reason: 'a balancer ends TLS' }))
  const text = await plain('GET /orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abc\r\nX-Forwarded-Proto: https')
  assert.match(text, /^HTTP\/1\.1 200/)
  assert.match(text, /"x-forwarded-proto":"http"/)
  assert.equal(gateway.events.length, 0)
})

test('X-Forwarded-Proto counts from a trusted proxy only, and what that proxy said last', async () => {
  const client = { trustProxies: ['127.0.0.0/8'], forwardingHeader: 'x-forwarded-for', ipv6Prefix: 64 } as const
  await gateway.use(snapshotWith({}, { client }))
  assert.match(
    await plain('GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https'),
    /^HTTP\/1\.1 200[\s\S]*"x-forwarded-proto":"https"/,
  )
  assert.match(await plain('GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: http'), /^HTTP\/1\.1 403/)
  // The client's own claim stands in front of the proxy's.
  assert.match(await plain('GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https, http'), /^HTTP\/1\.1 403/)
  assert.match(
    await plain('GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Proto: http'),
    /^HTTP\/1\.1 403/,
  )
  await gateway.use(snapshotWith({}))
  assert.match(await plain('GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https'), /^HTTP\/1\.1 403/)
})

test('where proxies write Forwarded, X-Forwarded-Proto is an attacker’s', async () => {
  const client = { trustProxies: ['127.0.0.0/8'], forwardingHeader: 'forwarded', ipv6Prefix: 64 } as const
  await gateway.use(snapshotWith({}, { client }))
  const status = async (fields: string) => (await plain(`GET /x HTTP/1.1\r\nHost: a\r\n${fields}`)).slice(9, 12)
  assert.equal(await status('Forwarded: for=192.0.2.1;proto=https'), '200')
  assert.equal(await status('Forwarded: proto=https, for=192.0.2.1;proto=http'), '403')
  assert.equal(await status('Forwarded: proto=https\r\nForwarded: for=192.0.2.1'), '403')
  assert.equal(await status('X-Forwarded-Proto: https\r\nForwarded: for=192.0.2.1;proto=http'), '403')
  assert.equal(await status('X-Forwarded-Proto: https'), '403')
})

test('a reload switches the mode of an open listener at once', async () => {
  await gateway.use(snapshotWith({ mode: 'serve', reason: 'x' }))
  assert.match(await plain('GET /x HTTP/1.1\r\nHost: a'), /^HTTP\/1\.1 200/)
  await gateway.use(snapshotWith({}))
  assert.match(await plain('GET /x HTTP/1.1\r\nHost: a'), /^HTTP\/1\.1 403/)
})

test('between prepare and commit a new plain listener does not serve in clear', async () => {
  const only = await startTestGateway(
    { ...snapshotWith({}), listen: { ...snapshotWith({}).listen, http: null } },
    { certificates },
  )
  const opened = await only.serving.prepare({ snapshot: snapshotWith({}), certificates, ports: {}, reusePort: false })
  const port = opened.find(({ name }) => name === 'http')?.port ?? 0
  assert.match(await exchangeRaw(port, 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 403/)
  assert.equal(upstream.seen.length, 0)
  only.serving.discard()
  await only.stop()
})
