import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { identified } from '../../src/core/decision.ts'
import { createTestCertificate } from '../support/certificate.ts'
import { applyPolicy, fakePolicy } from '../support/fake-policy.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let gateway: TestGateway
/** How long the caller's credential holds from now on, in milliseconds; null without end. */
let lifetimeMs: number | null = null
let epoch = 0
let revoked = new Set<string>()

/** A credential that everyone has. */
const credential = fakePolicy('everyone', () => ({
  stillHolds: ({ path }) => Promise.resolve(!revoked.has(path)),
  identify: () =>
    identified({
      id: 'caller',
      kind: 'service',
      issuer: 'test',
      tenant: null,
      roles: [],
      scopes: [],
      attributes: {},
      credential: { policy: 'everyone', id: '1' },
      assurance: null,
      confirmation: null,
      proofOfPossession: null,
      expiresAt: lifetimeMs === null ? null : Date.now() + lifetimeMs,
    }),
}))

before(async () => {
  upstream = await startUpstreamServer(undefined, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(() => response.write('data: tick\n\n'), 50)
    response.on('close', () => clearInterval(timer))
  })
  upstream.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')
    const timer = setInterval(() => socket.write(Buffer.from([0x81, 0x01, 0x61])), 50)
    socket.on('close', () => clearInterval(timer))
    socket.on('error', () => {})
  })
  gateway = await startTestGateway(
    {
      ...testSnapshot(),
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [testRoute('/**', { authenticated: true, policies: [applyPolicy('everyone')] })],
      listen: {
        http: { host: '127.0.0.1', port: 0, mode: 'serve', redirect: 'navigations', reason: 'a test' },
        https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true },
        admin: null,
      },
    },
    {
      policies: [credential],
      changeEpoch: () => epoch,
      certificates: [{ ...createTestCertificate('localhost'), source: 'test' }],
    },
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})

const portOf = (name: string) => gateway.listeners.find((one) => one.name === name)?.port ?? 0

interface Ended {
  /** How long it was open; null when it was still open after two seconds. */
  readonly afterMs: number | null
  readonly text: string
}

/** Reads what comes until it ends. */
async function listen(head: string, path = '/stream'): Promise<Ended> {
  const socket = connect(portOf('http'), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${head}\r\n`)
  const started = performance.now()
  const ended = await Promise.race([
    new Promise<boolean>((resolve) => socket.once('close', () => resolve(true))),
    new Promise<boolean>((resolve) => setTimeout(resolve, 2_000, false)),
  ])
  socket.destroy()
  return { afterMs: ended ? performance.now() - started : null, text }
}

const upgrade =
  'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

for (const [name, head] of [
  ['an event stream', ''],
  ['a WebSocket', upgrade],
] as const) {
  test(`${name} ends with its caller's credential, and not before`, async () => {
    lifetimeMs = 600
    const { afterMs, text } = await listen(head)
    assert.ok(afterMs !== null && afterMs >= 590 && afterMs < 1_600, `${afterMs} ms`)
    assert.match(text, name === 'a WebSocket' ? /^HTTP\/1\.1 101 [\s\S]*a/ : /^HTTP\/1\.1 200 [\s\S]*data: tick/)
    // Nobody may take it for the answer's own end.
    assert.doesNotMatch(text, /\r\n0\r\n\r\n$/)
    assert.equal(gateway.records.at(-1)?.exchange.refusal?.code, 'credential_ended')
    assert.equal(gateway.records.at(-1)?.outcome.aborted, true)
  })

  test(`${name} of a credential without end, or with a later one, goes on`, async () => {
    for (const lifetime of [null, 60_000]) {
      lifetimeMs = lifetime
      assert.equal((await listen(head)).afterMs, null)
    }
  })
}

test('over HTTP/2 the stream is reset and its connection goes on', async () => {
  const session = connectHttp2(`https://127.0.0.1:${portOf('https')}`, { rejectUnauthorized: false })
  lifetimeMs = 300
  const short = session.request({ ':path': '/a' })
  short.resume()
  await once(short, 'response')
  lifetimeMs = 60_000
  const long = session.request({ ':path': '/b' })
  long.resume()
  await once(long, 'response')
  await assert.rejects(once(short, 'end'))
  assert.notEqual(short.rstCode, 0)
  assert.equal(long.closed, false)
  long.close()
  session.close()
})

test('what is revoked ends within a second, and others go on', async () => {
  lifetimeMs = null
  revoked = new Set()
  const open = [listen('', '/a'), listen(upgrade, '/a'), listen('', '/b'), listen(upgrade, '/b')]
  await new Promise((resolve) => setTimeout(resolve, 300))
  revoked = new Set(['/a'])
  epoch++
  const [stream, socket, ...others] = await Promise.all(open)
  for (const one of [stream, socket]) assert.ok(one?.afterMs && one.afterMs < 1_300, `${one?.afterMs} ms`)
  assert.deepEqual(
    others.map(({ afterMs }) => afterMs),
    [null, null],
  )
})
