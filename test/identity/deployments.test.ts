import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { type Deployment, deployments } from '../conformance/deployments.ts'
import { secrets } from '../support/identity.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const issuer = 'https://login.example.test/identity'

interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}
interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}
type Ask = (deployment: Deployment, path: string, asked?: Asked) => Promise<Answered>

const askHttp1: Ask = async ({ https, ca }, path, { method = 'GET', headers = {}, body = '' } = {}) => {
  const outgoing = request({
    host: https.hostname,
    port: https.port,
    path,
    method,
    headers,
    ca,
    servername: 'localhost',
  })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode, headers: response.headers, body: (await buffer(response)).toString() }
}

const askHttp2: Ask = async ({ https, ca }, path, { method = 'GET', headers = {}, body = '' } = {}) => {
  const session = connect(https.origin, { ca, servername: 'localhost' })
  try {
    const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: body === '' })
    if (body !== '') stream.end(body)
    const [answered] = await once(stream, 'response')
    return { status: answered[':status'], headers: answered, body: (await buffer(stream)).toString() }
  } finally {
    session.close()
  }
}

const ways: readonly (readonly [name: string, deployment: string, ask: Ask])[] = [
  ['the gateway over HTTP/1.1', 'gateway', askHttp1],
  ['the gateway over HTTP/2', 'gateway', askHttp2],
  ['the node adapter', 'node adapter', askHttp1],
  ['the express adapter', 'express adapter', askHttp1],
]

const form = 'application/x-www-form-urlencoded'
const authorization = `Basic ${Buffer.from(`batch:${secrets.batch}`).toString('base64')}`
let upstream: TestUpstreamServer
before(async () => {
  upstream = await startUpstreamServer()
})
after(() => upstream.close())

for (const [name, kind, ask] of ways) {
  describe(`the identity server behind ${name}`, () => {
    let folder = ''
    let deployment: Deployment

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portcullis-identity-'))
      process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
      process.env.TEST_BATCH_SECRET = secrets.batch
      const file = join(folder, 'portcullis.yaml')
      await writeFile(file, toFile(upstream.url))
      deployment = await (deployments[kind] as NonNullable<(typeof deployments)[string]>)(file)
    })
    after(async () => {
      await deployment?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    test('says where everything is, at its own address whoever is asked', async () => {
      for (const path of [
        '/identity/.well-known/openid-configuration',
        '/identity/.well-known/oauth-authorization-server',
        '/.well-known/oauth-authorization-server/identity',
      ]) {
        const { status, body } = await ask(deployment, path)
        assert.equal(status, 200, path)
        const document = JSON.parse(body)
        assert.equal(document.issuer, issuer)
        assert.equal(document.token_endpoint, `${issuer}/token`)
        assert.equal(document.jwks_uri, `${issuer}/jwks`)
      }
    })

    test('issues a token that the API accepts', async () => {
      const headers = { authorization, 'content-type': form }
      const asked = { method: 'POST', headers, body: 'grant_type=client_credentials&scope=orders%3Aread' }
      const { status, body } = await ask(deployment, '/identity/token', asked)
      assert.equal(status, 200, body)
      const { access_token: token } = JSON.parse(body)
      const api = await ask(deployment, '/orders', { headers: { authorization: `Bearer ${token}` } })
      assert.equal(api.status, 200, api.body)
    })

    test('begins a login with two cookies, and shows its page to who has them', async () => {
      const query = new URLSearchParams({
        client_id: 'web',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://shop.example.test/callback',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      })
      const begun = await ask(deployment, `/identity/authorize?${query}`)
      assert.equal(begun.status, 303)
      const cookies = begun.headers['set-cookie'] as readonly string[]
      assert.equal(cookies.length, 2)
      for (const cookie of cookies) assert.match(cookie, /^__Secure-portcullis-.*; secure; httponly/i)
      const path = new URL(begun.headers.location as string, issuer).pathname
      const cookie = cookies.map((line) => line.split(';')[0]).join('; ')
      const page = await ask(deployment, path, { headers: { cookie } })
      assert.equal(page.status, 200)
      assert.match(page.body, /name="password"/)
      assert.match(String(page.headers['content-security-policy']), /form-action 'self' https:\/\/shop\.example\.test/)
      assert.equal(page.headers['x-frame-options'], 'DENY')
      assert.equal((await ask(deployment, path)).status, 400)
    })

    test('is judged by every stage: sizes, limits, methods', async () => {
      const large = { method: 'POST', headers: { authorization, 'content-type': form }, body: 'a='.padEnd(20_000, 'x') }
      assert.equal((await ask(deployment, '/identity/token', large)).status, 413)
      assert.notEqual((await ask(deployment, '/identity/token')).status, 200)
      const statuses: number[] = []
      for (let i = 0; i < 60 && !statuses.includes(429); i++)
        statuses.push((await ask(deployment, '/identity/jwks')).status)
      assert.ok(statuses.includes(429))
    })
  })
}

function toFile(target: string): string {
  return `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams: { api: { targets: ['${target}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${issuer}
  clients:
    - { id: batch, secret: env:TEST_BATCH_SECRET, grants: [clientCredentials], scopes: ['orders:read'] }
    - { id: web, redirectUris: ['https://shop.example.test/callback'] }
defaults: { bodyLimits: { maxBytes: 10KiB }, rateLimit: { limit: 40/min, per: ip } }
routes: [{ path: /orders, upstream: api, authenticate: [jwt], authorize: { scopes: ['orders:read'] } }]
`
}
