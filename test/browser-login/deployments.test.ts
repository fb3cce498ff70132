import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { type Deployment, deployments } from '../conformance/deployments.ts'
import { createAccount, password } from '../support/identity.ts'
import { navigation, script } from '../support/raw-request.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const app = 'https://app.example.test'

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}
type Headers = Record<string, string>
type Ask = (deployment: Deployment, path: string, headers: Headers, method?: string, body?: string) => Promise<Answered>

const askHttp1: Ask = async ({ https, ca }, path, headers, method = 'GET', body = '') => {
  const to = { host: https.hostname, port: https.port, path, method, ca, servername: 'localhost' }
  const outgoing = request({ ...to, headers: { host: 'app.example.test', ...headers } })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

const askHttp2: Ask = async ({ https, ca }, path, headers, method = 'GET', body = '') => {
  const session = connect(https.origin, { ca, servername: 'localhost' })
  try {
    const pseudo = { ':method': method, ':path': path, ':authority': 'app.example.test' }
    const stream = session.request({ ...pseudo, ...headers }, { endStream: body === '' })
    if (body !== '') stream.end(body)
    const [answered] = await once(stream, 'response')
    return { status: answered[':status'], headers: answered, body: await text(stream) }
  } finally {
    session.close()
  }
}

const ways: readonly (readonly [name: string, deployment: string, ask: Ask])[] = [
  ['the gateway over HTTP/2', 'gateway', askHttp2],
  ['the node adapter', 'node adapter', askHttp1],
  ['the express adapter', 'express adapter', askHttp1],
]

/** What stands behind: it shows which token it got. */
const application: RequestListener = (incoming, response) => {
  response.setHeader('content-type', 'application/json')
  const { authorization, cookie } = incoming.headers
  incoming.resume().once('end', () => response.end(JSON.stringify({ authorization, cookie })))
}

let upstream: TestUpstreamServer
before(async () => {
  upstream = await startUpstreamServer(undefined, application)
})
after(() => upstream.close())

for (const [name, kind, ask] of ways) {
  describe(`a browser application behind ${name}`, () => {
    let folder = ''
    let deployment: Deployment

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portcullis-browser-login-'))
      process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
      const file = join(folder, 'portcullis.yaml')
      await writeFile(file, toFile(upstream.url))
      deployment = await (deployments[kind] as NonNullable<(typeof deployments)[string]>)(file, application)
      await createAccount(folder)
    })
    after(async () => {
      await deployment?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    test('a person logs in, calls the API and logs out', async () => {
      const cookies = new Map<string, string>()
      /** Goes where a browser would, as long as it is sent on. */
      async function visit(from: string, method = 'GET', body = ''): Promise<{ path: string; answer: Answered }> {
        let [path, asked, sent] = [from, method, body]
        for (let turn = 0; turn < 12; turn++) {
          const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ')
          const form = { 'content-type': 'application/x-www-form-urlencoded', origin: app }
          const own = asked === 'POST' ? { ...form, 'sec-fetch-site': 'same-origin' } : {}
          const answer = await ask(deployment, path, { ...navigation, ...own, cookie }, asked, sent)
          for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
            const [key = '', value = ''] = line.split(';', 1)[0]?.split(/=(.*)/s) ?? []
            if (value === '') cookies.delete(key)
            else cookies.set(key, value)
          }
          if (answer.status !== 303 && answer.status !== 302) return { path, answer }
          const next = new URL(answer.headers.location as string, app)
          assert.equal(next.origin, app)
          ;[path, asked, sent] = [next.pathname + next.search, 'GET', '']
        }
        throw new Error('it redirects for ever')
      }

      const page = await visit('/api/orders?page=2')
      assert.match(page.answer.body, /name="password"/)
      const back = await visit(page.path, 'POST', new URLSearchParams({ username: 'alice', password }).toString())
      assert.equal(back.path, '/api/orders?page=2')
      assert.equal(back.answer.status, 200, back.answer.body)
      const seen = JSON.parse(back.answer.body) as { authorization: string; cookie?: string }
      assert.match(seen.authorization, /^Bearer eyJ/)
      assert.doesNotMatch(seen.cookie ?? '', /__Host-session/)

      const cookie = `__Host-session=${cookies.get('__Host-session')}`
      assert.equal((await ask(deployment, '/api/orders', script)).status, 401)
      assert.equal((await ask(deployment, '/auth/me', { ...script, cookie })).status, 200)
      const foreign = { ...script, cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
      assert.equal((await ask(deployment, '/api/orders', foreign, 'POST', '{}')).status, 403)
      const out = await ask(deployment, '/auth/logout', { ...script, cookie }, 'POST')
      assert.equal(out.status, 204)
      assert.equal((await ask(deployment, '/api/orders', { ...script, cookie })).status, 401)
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
identity: { issuer: ${app}/identity }
defaults:
  browserLogin: { scopes: ['orders:read'] }
routes:
  - { path: '/api/{path*}', upstream: api, authenticate: [browserLogin], authorize: { scopes: ['orders:read'] } }
`
}
