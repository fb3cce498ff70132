import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { after, before, beforeEach, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { ClientCertificateOptions, Snapshot } from '../../src/config/snapshot.ts'
import type { ClientCertificate } from '../../src/core/client-certificate.ts'
import { next } from '../../src/core/decision.ts'
import { createTestCertificate } from '../support/certificate.ts'
import type { IssuedCertificate } from '../support/certificate-authority.ts'
import { type ClientAuthority, createClientAuthority } from '../support/client-certificates.ts'
import { eventually } from '../support/eventually.ts'
import { applyPolicy, fakePolicy } from '../support/fake-policy.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let authority: ClientAuthority
let between: ClientAuthority
let seen: (ClientCertificate | null)[] = []

before(async () => {
  upstream = await startUpstreamServer()
  authority = await createClientAuthority()
  between = await authority.issueAuthority()
})
after(() => upstream.close())
beforeEach(() => {
  seen = []
})

const looker = fakePolicy('looker', () => ({
  guard(exchange) {
    const { carrier } = exchange
    seen.push(carrier.clientCertificate())
    return next
  },
}))

interface Asking {
  readonly gateway: TestGateway
  /** Takes over other authorities or lists. */
  renew(crl: readonly string[], ca?: string): Promise<void>
}

async function ask(mode: ClientCertificateOptions['mode'], crl: readonly string[] = []): Promise<Asking> {
  const toSource = (lists: readonly string[], ca: string) => ({
    ca: { text: ca, source: 'ca.pem' },
    crl: lists.map((text) => ({ text, source: 'crl.pem' })),
  })
  const base = testSnapshot()
  const snapshot: Snapshot = {
    ...base,
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute('/**', { policies: [applyPolicy('looker')] })],
    listen: {
      https: {
        host: '127.0.0.1',
        port: 0,
        certificates: 'dev',
        http2: true,
        clientCertificates: { ca: 'ca.pem', crl: [], mode },
      },
      http: null,
      admin: null,
    },
  }
  const options: TestGatewayOptions = {
    policies: [looker],
    certificates: ['first.example', 'second.example'].map((name) => ({ ...createTestCertificate(name), source: name })),
    clientAuthorities: toSource(crl, authority.cert),
  }
  const gateway = await startTestGateway(snapshot, options)
  return {
    gateway,
    async renew(lists, ca = authority.cert) {
      options.clientAuthorities = toSource(lists, ca)
      await gateway.use(snapshot)
    },
  }
}

function open(gateway: TestGateway, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () =>
      resolve(socket),
    )
    socket.on('error', reject)
  })
}

async function exchange(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: first.example\r\n\r\n')
  const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])
  return String(chunk).split('\r\n')[0] ?? ''
}

/** The status line; empty where the connection ended without an answer. */
async function call(gateway: TestGateway, options: ConnectionOptions = {}): Promise<string> {
  const socket = await open(gateway, options).catch(() => null)
  if (socket === null) return ''
  try {
    return await exchange(socket)
  } catch {
    return ''
  } finally {
    socket.destroy()
  }
}

const ok = 'HTTP/1.1 200 OK'
const withChain = ({ cert, key }: IssuedCertificate, ...chain: ClientAuthority[]) => ({
  cert: [cert, ...chain.map((one) => one.cert)].join('\n'),
  key,
})

test('a certificate is asked for, and what it is worth is told to the policies', async () => {
  const { gateway } = await ask('request')
  try {
    const leaf = await authority.issue()
    assert.equal(await call(gateway, leaf), ok)
    assert.deepEqual(
      [seen[0]?.trusted, seen[0]?.thumbprint, seen[0]?.problem],
      [true, Buffer.from(await crypto.subtle.digest('SHA-256', leaf.x509.rawData)).toString('base64url'), undefined],
    )
    assert.deepEqual(Buffer.from(seen[0]?.raw ?? []), Buffer.from(leaf.x509.rawData))

    const self = createTestCertificate('client')
    assert.equal(await call(gateway, self), ok)
    assert.equal(seen[1]?.trusted, false)
    assert.match(seen[1]?.problem ?? '', /handshake/)

    assert.equal(await call(gateway), ok)
    assert.equal(seen[2], null)
  } finally {
    await gateway.stop()
  }
})

test('with a name asked for too (SNI), through an authority between, over TLS 1.2, and over HTTP/2', async () => {
  const { gateway } = await ask('request')
  try {
    const leaf = withChain(await between.issue(), between)
    assert.equal(await call(gateway, { ...leaf, servername: 'second.example' }), ok)
    assert.equal(await call(gateway, { ...leaf, maxVersion: 'TLSv1.2' }), ok)
    const session = connectHttp2(gateway.url, { rejectUnauthorized: false, ...leaf })
    for (let i = 0; i < 2; i++) {
      const stream = session.request({ ':path': '/' })
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      assert.equal(headers[':status'], 200)
      stream.resume()
      await once(stream, 'close')
    }
    session.close()
    assert.deepEqual(
      seen.map((one) => one?.trusted),
      [true, true, true, true],
    )
    // Read once for the connection.
    assert.equal(seen[2], seen[3])
  } finally {
    await gateway.stop()
  }
})

test('`require` ends connections without a certificate that is trusted, and says so', async () => {
  const revoked = await authority.issue()
  const { gateway } = await ask('require', [await authority.revoke([revoked.x509])])
  try {
    assert.equal(await call(gateway, await authority.issue()), ok)
    const wrongPurpose = await authority.issue({ purposes: null })
    const bad = [undefined, createTestCertificate('client'), revoked, wrongPurpose]
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const certificate of bad) assert.equal(await call(gateway, { ...certificate, maxVersion }), '')
    }
    assert.equal(seen.length, 1)
    await eventually('it is logged', () => gateway.events.some(({ event }) => event === 'client_certificate_refused'))
  } finally {
    await gateway.stop()
  }
})

test('no session is resumed, so that a revocation is looked at by every connection', async () => {
  const leaf = await authority.issue()
  const { gateway, renew } = await ask('require', [await authority.revoke([])])
  try {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await open(gateway, { ...leaf, maxVersion })
      let session = socket.getSession()
      socket.on('session', (ticket) => {
        session = ticket
      })
      assert.equal(await exchange(socket), ok)
      socket.destroy()
      const again = await open(gateway, { ...leaf, maxVersion, ...(session && { session }) })
      assert.equal(again.isSessionReused(), false)
      again.destroy()
      await renew([await authority.revoke([leaf.x509])])
      assert.equal(await call(gateway, { ...leaf, maxVersion, ...(session && { session }) }), '')
      await renew([await authority.revoke([])])
    }
  } finally {
    await gateway.stop()
  }
})

test('a connection that is open hears of a revocation, of an authority that is gone, and of the end of a list', async () => {
  const leaf = await authority.issue()
  const { gateway, renew } = await ask('request', [await authority.revoke([])])
  const socket = await open(gateway, leaf)
  try {
    assert.equal(await exchange(socket), ok)
    await renew([await authority.revoke([leaf.x509])])
    assert.equal(await exchange(socket), ok)
    await renew([await authority.revoke([], { from: -2, to: -1 })])
    assert.equal(await exchange(socket), ok)
    const other = await createClientAuthority({ subject: 'CN=Other' })
    await renew([], other.cert)
    assert.equal(await exchange(socket), ok)
    await renew([await authority.revoke([], { from: -1, to: 2 / 86_400 })])
    assert.equal(await exchange(socket), ok)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    assert.equal(await exchange(socket), ok)
    assert.deepEqual(
      seen.map((one) => one?.problem ?? null),
      [
        null,
        'revoked',
        'the revocation list has expired',
        'it comes from no authority that is trusted',
        null,
        'the revocation list has expired',
      ],
    )
    // A new connection is judged in the handshake already.
    await call(gateway, leaf)
    assert.match(seen.at(-1)?.problem ?? '', /CRL_HAS_EXPIRED/)
  } finally {
    socket.destroy()
    await gateway.stop()
  }
})
