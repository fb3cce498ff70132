import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { Snapshot } from '../../src/config/snapshot.ts'
import type { CertificatePair } from '../../src/gateway/tls.ts'
import { createTestCertificate } from '../support/certificate.ts'
import { endsWithin, eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { requireService } from '../support/services.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const certificateFor = (name: string): CertificatePair => ({ ...createTestCertificate(name), source: name })

let upstream: TestUpstreamServer
let gateway: TestGateway
let snapshot: Snapshot
const certificates = ['first.example', 'second.example', '*.wild.example', 'exact.wild.example'].map(certificateFor)

before(async () => {
  upstream = await startUpstreamServer()
  snapshot = testSnapshot({
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute('/**')],
    listen: { https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true }, http: null, admin: null },
    server: { ...testSnapshot().server, headerTimeoutMs: 700 },
  })
  gateway = await startTestGateway(snapshot, { certificates })
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})

function openTls(options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () =>
      resolve(socket),
    )
    socket.on('error', reject)
  })
}

async function shownName(servername: string): Promise<string> {
  const socket = await openTls(servername === '' ? {} : { servername })
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

test('the certificate follows the name asked for; without one that fits, the first is shown', async () => {
  assert.equal(await shownName(''), 'first.example')
  assert.equal(await shownName('second.example'), 'second.example')
  assert.equal(await shownName('SECOND.example'), 'second.example')
  assert.equal(await shownName('any.wild.example'), '*.wild.example')
  assert.equal(await shownName('exact.wild.example'), 'exact.wild.example')
  assert.equal(await shownName('deep.any.wild.example'), 'first.example')
  assert.equal(await shownName('wild.example'), 'first.example')
  assert.equal(await shownName('unknown.example'), 'first.example')
})

test('ALPN picks HTTP/2 where both know it', async () => {
  for (const [offered, chosen] of [
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [['http/1.1', 'h2'], 'h2'],
  ] as const) {
    const socket = await openTls({ ALPNProtocols: [...offered] })
    assert.equal(socket.alpnProtocol, chosen)
    socket.destroy()
  }
  const without = await openTls()
  assert.equal(without.alpnProtocol, false)
  without.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let text = ''
  for await (const chunk of without) text += chunk
  assert.match(text, /^HTTP\/1\.1 200/)
  await assert.rejects(openTls({ ALPNProtocols: ['spdy/3'] }), /no application protocol/i)
})

/** What `openssl s_client` says of a handshake. */
function handshake(openssl: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(openssl, ['s_client', '-connect', `127.0.0.1:${gateway.port}`, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    child.on('close', () => resolve(text))
  })
}

test('versions and ciphers of the intermediate profile, no others', async (t: TestContext) => {
  const openssl = requireService(t, 'openssl')
  if (openssl === undefined) return
  const agreed = /Cipher is (?!\(NONE\))\S+/
  const good = [
    ['-tls1_3'],
    ['-tls1_2'],
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    ['-tls1_3', '-groups', 'secp384r1'],
    ['-tls1_3', '-groups', 'X25519'],
  ]
  for (const options of good) assert.match(await handshake(openssl, options), agreed, options.join(' '))
  const weak = 'DEFAULT:@SECLEVEL=0'
  const bad = [
    ['-tls1', '-cipher', weak],
    ['-tls1_1', '-cipher', weak],
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-CCM:ECDHE-ECDSA-ARIA128-GCM-SHA256:@SECLEVEL=0'],
    ['-tls1_2', '-groups', 'secp521r1'],
  ]
  for (const options of bad) assert.doesNotMatch(await handshake(openssl, options), agreed, options.join(' '))
})

test('a client cannot ask for a new handshake on a connection', async () => {
  const socket = await openTls({ maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] })
  const refused = await new Promise<boolean>((resolve) => {
    socket.on('error', () => resolve(true))
    socket.on('close', () => resolve(true))
    socket.renegotiate({}, (error) => resolve(error !== null))
  })
  assert.ok(refused)
  socket.destroy()
})

test('a handshake that stalls or trickles is ended in time', async () => {
  const started = performance.now()
  await Promise.all(
    ['', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'].map(async (first) => {
      const socket = connectTcp(gateway.port, '127.0.0.1')
      socket.on('error', () => {})
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.write(first, 'latin1')
      const pump = setInterval(() => first !== '' && socket.writable && socket.write('x'), 50)
      await endsWithin(4_000, closed)
      clearInterval(pump)
    }),
  )
  assert.ok(performance.now() - started < 3_000)
})

test('plain HTTP on the TLS port ends the connection, not the gateway', async () => {
  const socket = connectTcp(gateway.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve).on('error', () => {}))
  assert.equal(await shownName(''), 'first.example')
})

test('renewed certificates are shown to new connections while old ones go on', async () => {
  const session = connectHttp2(gateway.url, { rejectUnauthorized: false })
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      const stream = session.request({ ':path': '/x' })
      stream.on('response', (fields) => resolve(Number(fields[':status'])))
      stream.on('error', reject)
      stream.resume()
    })
  assert.equal(await ask(), 200)
  const apply = async (pairs: readonly CertificatePair[]) => {
    await gateway.serving.prepare({ snapshot, certificates: pairs, ports: { https: gateway.port }, reusePort: false })
    gateway.serving.commit()
  }
  await apply(['renewed.example', 'other.example'].map(certificateFor))
  assert.equal(await shownName(''), 'renewed.example')
  assert.equal(await shownName('other.example'), 'other.example')
  assert.equal(await shownName('second.example'), 'renewed.example')
  assert.equal(await ask(), 200)
  const [first, second] = certificates as [CertificatePair, CertificatePair]
  await assert.rejects(apply([{ ...first, key: second.key }]), /first\.example: the certificate and its key/)
  await assert.rejects(apply([{ ...first, cert: 'none' }]), /first\.example: not a PEM certificate/)
  await assert.rejects(apply([]), /needs a certificate/)
  assert.equal(await shownName(''), 'renewed.example')
  assert.equal(await ask(), 200)
  session.destroy()
  await apply(certificates)
})

test('HTTP/1.1 over TLS: requests behind each other, a client that ends its side, an orderly end', async () => {
  const count = 200
  const halfOpen: ConnectionOptions & { allowHalfOpen: true } = { ALPNProtocols: ['http/1.1'], allowHalfOpen: true }
  for (const isHalfClosed of [false, true]) {
    const socket = await openTls(halfOpen)
    let text = ''
    let ended = false
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('end', () => {
      ended = true
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const request = 'POST /x HTTP/1.1\r\nHost: first.example\r\nContent-Length: 4\r\n'
    const last = isHalfClosed ? '' : `${request}Connection: close\r\n\r\nbody`
    const bytes = `${request}\r\nbody`.repeat(count - (isHalfClosed ? 0 : 1)) + last
    if (isHalfClosed) socket.end(bytes)
    else socket.write(bytes)
    await eventually('it ends', () => ended, 10_000)
    socket.end()
    assert.ok(await endsWithin(2_000, closed))
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, count)
  }
})

test('connections above the limit are ended before their handshake', async () => {
  const limited = { ...snapshot, server: { ...snapshot.server, maxConnectionsPerClient: 3 } }
  await gateway.serving.prepare({ snapshot: limited, certificates, ports: { https: gateway.port }, reusePort: false })
  gateway.serving.commit()
  await sleep(50)
  const open = await Promise.all([openTls(), openTls(), openTls()])
  await assert.rejects(openTls())
  open[0]?.destroy()
  await eventually('there is room again', () => open[0]?.destroyed === true)
  await sleep(20)
  const again = await openTls()
  for (const socket of [...open, again]) socket.destroy()
})
