import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNodeGuard, type GuardedRequest } from '../../src/adapters/node.ts'
import { createProvide } from '../../src/core/ports.ts'
import { silentLog } from '../../src/core/telemetry.ts'
import { createSelfSigned } from '../../src/crypto/x509/self-signed.ts'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { prove } from '../../src/runtime/prove.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import type { IssuedCertificate } from '../support/certificate-authority.ts'
import { type ClientAuthority, createClientAuthority, x509 } from '../support/client-certificates.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let folder: string
let upstream: TestUpstreamServer
let authority: ClientAuthority
let system: System
let url: URL

const uri = 'spiffe://example.org/reports'
const names = [{ type: 'url', value: uri }] as const
const identities = `[{ match: { uri: "${uri}" }, id: reports }]`
const policyFile = (target: string) => `version: 1
listen:
  https:
    host: 127.0.0.1
    port: 0
    certificate: dev
    clientCertificates: { ca: file:ca.pem, crl: file:crl.pem }
server: { workers: 2 }
log: { to: { file: portcullis.log } }
trustProxies: [127.0.0.7]
upstreams:
  test: { targets: ["${target}"] }
routes:
  - { path: /open, methods: [GET], upstream: test, access: public, reason: a test }
  - path: /reports
    methods: [GET]
    upstream: test
    authenticate: [mtls]
    mtls: { identities: ${identities} }
  - path: /proxied
    methods: [GET]
    upstream: test
    authenticate: [mtls]
    mtls: { identities: ${identities}, authorities: { ca: file:ca.pem, crl: file:crl.pem }, proxyField: client-cert }
`

const write = (name: string, text: string) => writeFile(join(folder, name), text)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mtls-'))
  upstream = await startUpstreamServer((asked, response) => {
    if (asked.headers.accept === 'text/event-stream') response.write('data: open\n\n')
    else response.end()
  })
  authority = await createClientAuthority()
  await write('ca.pem', authority.cert)
  await write('crl.pem', await authority.revoke([]))
  await write('portcullis.yaml', policyFile(upstream.url))
  system = await startSystem({ load: () => loadPolicies(join(folder, 'portcullis.yaml')), watched: [] })
  url = new URL(system.listeners[0]?.url ?? '')
  url.hostname = '127.0.0.1'
})
after(async () => {
  await system.stop(200)
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

interface Call {
  readonly path?: string
  readonly certificate?: IssuedCertificate
  readonly headers?: readonly string[]
  /** The address to come from. */
  readonly from?: string
}

async function open({ path = '/reports', certificate, headers = [], from = '127.0.0.1' }: Call) {
  const { cert, key } = certificate ?? {}
  const sent = request({
    host: '127.0.0.1',
    port: url.port,
    path,
    headers: ['host', url.host, ...headers],
    localAddress: from,
    agent: false,
    rejectUnauthorized: false,
    ...(cert !== undefined && { cert, key }),
  })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response.resume()
}

/** The status. */
async function call(asked: Call): Promise<number> {
  return (await open(asked)).statusCode ?? 0
}

/** Files are looked at twice a second. */
async function becomes(status: number, asked: Call): Promise<void> {
  let last = 0
  for (let i = 0; i < 60; i++) {
    last = await call(asked)
    if (last === status) return
    await sleep(100)
  }
  assert.equal(last, status)
}

const toField = (certificate: { x509: x509.X509Certificate }) =>
  `:${Buffer.from(certificate.x509.rawData).toString('base64')}:`

describe('by TLS', () => {
  test('a caller of the authority passes; without the policy everyone does', async () => {
    const certificate = await authority.issue({ names })
    assert.equal(await call({ certificate }), 200)
    assert.equal(await call({}), 401)
    assert.equal(await call({ path: '/open' }), 200)
  })

  test('over HTTP/2 as well', async () => {
    const session = connectHttp2(url, { rejectUnauthorized: false, ...(await authority.issue({ names })) })
    const stream = session.request({ ':path': '/reports' })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    assert.equal(headers[':status'], 200)
    stream.close()
    session.close()
  })

  test('attacks with certificates are refused', async () => {
    const namesake = await createClientAuthority()
    const between = await authority.issueAuthority({ isAuthority: false })
    const belowNobody = await between.issue({ names })
    const attacks: [string, IssuedCertificate][] = [
      ['vouches for itself', createSelfSigned({ subject: [['2.5.4.3', 'reports']], names: { uri }, now: Date.now() })],
      ['an authority of the same name', await namesake.issue({ names })],
      ['for servers', await authority.issue({ names, purposes: [x509.ExtendedKeyUsage.serverAuth] })],
      ['for nothing in particular', await authority.issue({ names, purposes: null })],
      ['expired', await authority.issue({ names, from: -3, to: -1 })],
      ['not valid yet', await authority.issue({ names, from: 1, to: 2 })],
      ['no authority in between', { ...belowNobody, cert: `${belowNobody.cert}\n${between.cert}` }],
      ['the name in the subject', await authority.issue({ subject: `CN=${uri}` })],
      ['the name as a DNS name', await authority.issue({ names: [{ type: 'dns', value: uri }] })],
      ['a NUL behind the name', await authority.issue({ names: [{ type: 'url', value: `${uri}\0.evil` }] })],
    ]
    for (const [name, certificate] of attacks) assert.equal(await call({ certificate }), 401, name)
  })

  test('a list that is replaced takes effect by itself', async () => {
    const certificate = await authority.issue({ names })
    assert.equal(await call({ certificate }), 200)
    await write('crl.pem', await authority.revoke([certificate.x509]))
    await becomes(401, { certificate })
    await write('crl.pem', await authority.revoke([]))
    await becomes(200, { certificate })
    // A list that has expired is not taken over, and says so.
    await write('crl.pem', await authority.revoke([certificate.x509], { from: -2, to: -1 }))
    assert.match((await system.reload()) ?? '', /crl\.pem: this revocation list has expired/)
    assert.equal(await call({ certificate }), 200)
    await write('crl.pem', await authority.revoke([]))
    assert.equal(await system.reload(), null)
  })

  test('and ends what the certificates in it hold open', async () => {
    const certificates = [await authority.issue({ names }), await authority.issue({ names })] as const
    const headers = ['accept', 'text/event-stream']
    const [stream, other] = await Promise.all(certificates.map((certificate) => open({ certificate, headers })))
    const ended = new Promise((resolve) => stream?.once('error', resolve).once('close', resolve))
    other?.on('error', () => {})
    await write('crl.pem', await authority.revoke([certificates[0].x509]))
    assert.equal(await Promise.race([ended.then(() => 'ended'), sleep(5_000, 'open', { ref: false })]), 'ended')
    assert.equal(other?.destroyed, false)
    other?.destroy()
    await write('crl.pem', await authority.revoke([]))
    assert.equal(await system.reload(), null)
  })
})

describe('what stays open', () => {
  /** What it needs to go on is the answer's end that never comes. */
  async function openStream(path: string, certificate: IssuedCertificate | null, field?: string) {
    const sent = request({
      host: '127.0.0.1',
      port: url.port,
      path,
      headers: ['host', url.host, ...(field === undefined ? [] : ['client-cert', field])],
      localAddress: field === undefined ? '127.0.0.1' : '127.0.0.7',
      agent: false,
      rejectUnauthorized: false,
      ...certificate,
    })
    sent.end()
    sent.on('error', () => {})
    const [response] = await once(sent, 'response')
    assert.equal(response.statusCode, 200)
    response.on('error', () => {}).resume()
    const open = { ended: false, destroy: () => sent.destroy() }
    response.once('close', () => {
      open.ended = true
    })
    return open
  }

  test('ends when the certificate is revoked, by TLS and through a proxy; others go on', async () => {
    const streams = await startUpstreamServer(undefined, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: open\n\n')
    })
    await write('portcullis.yaml', policyFile(streams.url))
    assert.equal(await system.reload(), null)
    const [revoked, other] = [await authority.issue({ names }), await authority.issue({ names })]
    const own = [
      await openStream('/reports', revoked),
      await openStream('/proxied', revoked),
      await openStream('/proxied', null, toField(revoked)),
    ]
    const others = [await openStream('/reports', other), await openStream('/proxied', null, toField(other))]
    assert.equal(await system.reload(), null)
    await sleep(500)
    for (const one of [...own, ...others]) assert.equal(one.ended, false)
    await write('crl.pem', await authority.revoke([revoked.x509]))
    for (let i = 0; i < 60 && !own.every(({ ended }) => ended); i++) await sleep(100)
    const states = (all: { ended: boolean }[]) => all.map(({ ended }) => ended)
    assert.deepEqual(states(own), [true, true, true])
    assert.deepEqual(states(others), [false, false])
    for (const one of others) one.destroy()
    await write('crl.pem', await authority.revoke([]))
    await write('portcullis.yaml', policyFile(upstream.url))
    assert.equal(await system.reload(), null)
    await streams.close()
  })
})

describe('behind a proxy', () => {
  test('the field counts from a proxy of ours only, and goes no further', async () => {
    const field = toField(await authority.issue({ names }))
    const headers = ['client-cert', field, 'x-ssl-client-cert', 'spoofed', 'Client_Cert', field]
    upstream.seen.length = 0
    assert.equal(await call({ path: '/proxied', headers, from: '127.0.0.7' }), 200)
    assert.equal(await call({ path: '/open', headers }), 200)
    assert.equal(upstream.seen.length, 2)
    for (const { rawHeaders } of upstream.seen) assert.equal(/cert/i.test(rawHeaders.join()), false)
    assert.equal(await call({ path: '/proxied', headers }), 401)
    assert.equal(await call({ path: '/reports', headers, from: '127.0.0.7' }), 401)
  })

  test('attacks through the proxy are refused', async () => {
    const field = toField(await authority.issue({ names }))
    const stranger = toField(await (await createClientAuthority()).issue({ names }))
    const from = '127.0.0.7'
    for (const headers of [
      ['client-cert', field, 'client-cert', field],
      ['client-cert', stranger],
      ['client-cert', 'x'],
      [],
    ]) {
      assert.equal(await call({ path: '/proxied', headers, from }), 401, headers.join(' ').slice(0, 80))
    }
    // Its own certificate is not its client's.
    assert.equal(await call({ path: '/proxied', certificate: await authority.issue({ names }), from }), 401)
    assert.equal(await call({ path: '/proxied', certificate: await authority.issue({ names }) }), 200)
  })
})

test('`prove` shows the certificate that it is given, and forgeries beside it', async () => {
  const loaded = await loadPolicies(join(folder, 'portcullis.yaml'))
  if (!loaded.ok) throw new Error(loaded.message)
  const options = {
    snapshot: loaded.snapshot,
    https: url,
    http: null,
    ca: await readFile(join(loaded.snapshot.dataFolder, 'dev-certificate.pem'), 'utf8'),
    headers: [],
    only: ['mtls'],
    provide: createProvide([]),
    log: silentLog,
  }
  const honest = 'a caller with a valid credential passes'
  const run = async (clientCertificate?: IssuedCertificate) =>
    (await prove({ ...options, clientCertificate })).filter(({ policy }) => policy === 'mtls')
  const proven = await run(await authority.issue({ names }))
  assert.deepEqual(
    proven.filter(({ verdict }) => verdict !== 'pass').map(({ probe, got, reason }) => [probe, got, reason]),
    [],
  )
  assert.ok(proven.some(({ probe }) => probe === honest))
  const skipped = (await run()).find(({ probe }) => probe === honest)
  assert.match(skipped?.reason ?? '', /--client-cert/)
})

test('embedded: the application’s own handshake decides', async () => {
  await write(
    'embedded.yaml',
    `version: 1
data: sqlite:embedded/portcullis.db
log: { to: { file: embedded.log } }
routes:
  - path: /reports
    methods: [GET]
    authenticate: [mtls]
    mtls: { identities: ${identities} }
`,
  )
  const guard = await createNodeGuard({ config: join(folder, 'embedded.yaml'), watch: false })
  const pair = createSelfSigned({ subject: [['2.5.4.3', 'localhost']], now: Date.now() })
  const server = createServer(
    { ...pair, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
    guard.protect((asked: GuardedRequest, response) => response.end(asked.principal?.id)),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const before = url
  url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    assert.equal(await call({ certificate: await authority.issue({ names }) }), 200)
    assert.equal(await call({ certificate: await (await createClientAuthority()).issue({ names }) }), 401)
    assert.equal(await call({}), 401)
  } finally {
    url = before
    server.close()
    await guard.close()
  }
})
