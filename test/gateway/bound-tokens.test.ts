import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import type { IssuedCertificate } from '../support/certificate-authority.ts'
import { createClientAuthority } from '../support/client-certificates.ts'
import { startIntrospectionServer, type TestIntrospectionServer } from '../support/introspection-server.ts'
import { createTestKey, signTestToken } from '../support/issuer.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const iss = 'https://login.example.com/'
const signer = createTestKey()
let folder: string
let upstream: TestUpstreamServer
let introspection: TestIntrospectionServer
let system: System
let url: URL
let own: IssuedCertificate
let foreign: IssuedCertificate
/** Bound to `own` (RFC 8705 section 3), to a key, and to nothing. */
let tokens: Record<'certificate' | 'key' | 'bearer', string>

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bound-tokens-'))
  upstream = await startUpstreamServer()
  introspection = await startIntrospectionServer({ id: 'gateway', secret: 'secret' })
  const authority = await createClientAuthority()
  const issued = await authority.issue({})
  own = issued
  foreign = await authority.issue({})
  const thumbprint = Buffer.from(await issued.x509.getThumbprint('SHA-256')).toString('base64url')
  const cnf = { 'x5t#S256': thumbprint }
  tokens = {
    certificate: await signTestToken(iss, signer, { cnf }),
    key: await signTestToken(iss, signer, { cnf: { jkt: thumbprint } }),
    bearer: await signTestToken(iss, signer, {}),
  }
  const active = { active: true, iss: introspection.url, sub: 'customer-1', aud: 'shop' }
  introspection.tokens.set('bound', { ...active, cnf }).set('bearer', active)
  await writeFile(join(folder, 'ca.pem'), authority.cert)
  await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys: [signer.jwk] }))
  await writeFile(join(folder, 'secret'), 'secret')
  const common = 'methods: [GET], upstream: test'
  const file = `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev, clientCertificates: { ca: file:ca.pem } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams: { test: { targets: ["${upstream.url}"] } }
issuers: { main: { issuer: "${iss}", audience: shop, keys: "file:keys.json" } }
routes:
  - { path: /certificate, ${common}, authenticate: [jwt], jwt: { bound: certificate } }
  - { path: /key, ${common}, authenticate: [jwt], jwt: { bound: key } }
  - { path: /any, ${common}, authenticate: [jwt], jwt: { bound: any } }
  - { path: /all, ${common}, authenticate: [jwt] }
  - path: /opaque
    methods: [GET]
    upstream: test
    authenticate: [introspection]
    introspection:
      issuer: ${introspection.url}
      endpoint: ${introspection.endpoint}
      client: { id: gateway, secret: file:secret }
      bound: certificate
      allowPrivateAddress: { reason: a test }
      allowPlainHttp: { reason: a test }
`
  await writeFile(join(folder, 'portcullis.yaml'), file)
  system = await startSystem({ load: () => loadPolicies(join(folder, 'portcullis.yaml')), watched: [] })
  url = new URL(system.listeners[0]?.url ?? '')
  url.hostname = '127.0.0.1'
})
after(async () => {
  await system.stop(200)
  await upstream.close()
  introspection.close()
  await rm(folder, { recursive: true, force: true })
})

type Call = (path: string, token: string, certificate: IssuedCertificate | null) => Promise<number>

const byHttp1: Call = async (path, token, certificate) => {
  const sent = request({
    ...{ host: '127.0.0.1', port: url.port, path, agent: false, rejectUnauthorized: false },
    headers: { authorization: `Bearer ${token}` },
    ...(certificate && { cert: certificate.cert, key: certificate.key }),
  })
  sent.end()
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode
}

const byHttp2: Call = async (path, token, certificate) => {
  const session = connectHttp2(url, { rejectUnauthorized: false, ...certificate })
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` })
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  stream.close()
  session.close()
  return headers[':status'] as number
}

for (const [name, call] of [
  ['HTTP/1.1', byHttp1],
  ['HTTP/2', byHttp2],
] as const) {
  describe(`over ${name}`, () => {
    test('a token that is bound to a certificate passes with it, and with no other, wherever it is shown', async () => {
      for (const path of ['/certificate', '/any', '/all']) {
        assert.equal(await call(path, tokens.certificate, own), 200, path)
        assert.equal(await call(path, tokens.certificate, foreign), 401, path)
        assert.equal(await call(path, tokens.certificate, null), 401, path)
      }
    })

    test('a route that asks for bound tokens refuses others, certificate or not', async () => {
      assert.equal(await call('/all', tokens.bearer, null), 200)
      for (const path of ['/certificate', '/any', '/key']) {
        assert.equal(await call(path, tokens.bearer, own), 401, path)
      }
      assert.equal(await call('/key', tokens.certificate, own), 401)
      // Bound to a key, which nobody proves here.
      for (const path of ['/key', '/certificate', '/all']) assert.equal(await call(path, tokens.key, own), 401, path)
    })

    test('opaque tokens are held to the same', async () => {
      assert.equal(await call('/opaque', 'bound', own), 200)
      assert.equal(await call('/opaque', 'bound', foreign), 401)
      assert.equal(await call('/opaque', 'bound', null), 401)
      assert.equal(await call('/opaque', 'bearer', own), 401)
    })
  })
}
