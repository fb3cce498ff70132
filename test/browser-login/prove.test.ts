import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as openRequest,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createSessionStore } from '../../src/stores/session-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { findFreePort } from '../support/free-port.ts'
import { runCli } from '../support/run-cli.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

interface Result {
  readonly route: string
  readonly policy: string
  readonly probe: string
  readonly verdict: string
  readonly got: string
  readonly reason: string | null
}

let gateway: ServedGateway
let upstream: TestUpstreamServer
let origin = ''

before(async () => {
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  upstream = await startUpstreamServer()
  origin = `http://127.0.0.1:${await findFreePort()}`
  gateway = await serveGateway(toFile())
})
after(async () => {
  await gateway?.stop()
  await upstream?.close()
})

async function prove(url: string, ...args: readonly string[]) {
  const given = ['prove', '--http-url', url, '--json', '--quiet', ...args]
  const { status, stdout, stderr } = await runCli(gateway.folder, ...given)
  const { results } = JSON.parse(stdout) as { results: Result[] }
  assert.ok(results.length > 0, stderr)
  const of = (verdict: string) => results.filter((result) => result.verdict === verdict)
  return { status, results, of, show: (verdict: string) => of(verdict).map(({ route, probe }) => `${route}: ${probe}`) }
}

test('routes behind a login are proven by a session that is made for it', { timeout: 300_000 }, async () => {
  const policies = ['browser-login', 'csrf', 'rbac', 'body-limits']
  const { status, results, of } = await prove(origin, ...policies.flatMap((name) => ['--policy', name]))
  assert.deepEqual([of('fail'), of('skip')], [[], []])
  assert.equal(status, 0)
  const has = (route: string, policy: string, probe: RegExp) =>
    assert.ok(
      results.some((one) => one.route === route && one.policy === policy && probe.test(one.probe)),
      `${route} ${policy} ${probe}`,
    )
  has('GET /api/{path*}', 'browser-login', /logged in passes/)
  has('GET /api/{path*}', 'rbac', /without any role/)
  has('POST /api/{path*}', 'csrf', /other origins/)
  has('POST /api/{path*}', 'csrf', /a cookie alone/)
  has('POST /api/{path*}', 'csrf', /same origin can/)
  has('POST /forms', 'csrf', /somebody else/)
  has('POST /forms', 'csrf', /same origin can/)
  assert.ok(results.some(({ probe }) => probe.includes('login CSRF')))
})

test('what was made for it is gone, and stands in the log', async () => {
  const store = await openSqliteStore({ path: join(gateway.folder, 'data', 'portcullis.db') })
  try {
    const sessions = await createSessionStore(store.db).list({ limit: 1000 })
    assert.ok(sessions.length > 5)
    assert.deepEqual(
      sessions.filter(({ revokedAt }) => revokedAt === null),
      [],
    )
    assert.ok(sessions.filter(({ caller }) => caller.id === 'portcullis-prove').every(livesForAMinute))
    assert.deepEqual(
      (await store.accounts.list({ limit: 10 })).map(({ id }) => id),
      [],
    )
    const kept = await store.db.selectFrom('artefacts').select('kind').where('kind', '=', 'BrowserTokens').execute()
    assert.deepEqual(kept, [])
  } finally {
    await store.close()
  }
})

const livesForAMinute = ({ createdAt, endsAt }: { createdAt: number; endsAt: number }) => endsAt - createdAt <= 60_000

test('a login that any browser can finish is found out', { timeout: 120_000 }, async () => {
  // As where what a login needs is kept on the server by its state alone.
  const cookies = new Map<string, string>()
  const lax = await startProxy({
    asks(url, headers) {
      const cookie = cookies.get(url.searchParams.get('state') ?? '')
      if (url.pathname === '/auth/callback' && cookie !== undefined) headers.cookie = cookie
    },
    answers({ headers }) {
      const state = URL.parse(headers.location ?? '', origin)?.searchParams.get('state') ?? ''
      const set = headers['set-cookie']?.find((line) => line.startsWith('__Host-login='))
      if (set !== undefined) cookies.set(state, set.split(';')[0] as string)
    },
  })
  try {
    const { status, show } = await prove(lax.url, '--policy', 'browser-login')
    assert.equal(status, 1)
    assert.deepEqual(
      show('fail').map((one) => one.replace(/.*: /, '')),
      ['an answer that another browser asked for logs nobody in (login CSRF)'],
    )
  } finally {
    lax.close()
  }
})

test('what believes every page is found out', { timeout: 120_000 }, async () => {
  let token = ''
  const lax = await startProxy({
    asks(_url, headers) {
      const given = headers['x-csrf-token']
      if (typeof given === 'string' && /^(?!A+$)./.test(given)) token = given
      if (token !== '') headers['x-csrf-token'] = token
      headers['sec-fetch-site'] = 'same-origin'
      delete headers.origin
    },
  })
  try {
    const { of } = await prove(lax.url, '--policy', 'csrf')
    assert.deepEqual([...new Set(of('fail').map(({ probe }) => probe))].sort(), [
      'a cookie alone is not enough',
      'a token of somebody else is worth nothing',
      'pages of other origins cannot act for their users',
      'pages of other origins get no token',
    ])
  } finally {
    lax.close()
  }
})

test('routes that ask for nothing are found out', { timeout: 120_000 }, async () => {
  const file = join(gateway.folder, 'wished.yaml')
  await writeFile(file, toFile().replace('path: /forms', 'authorize: { roles: [admin] }, path: /forms'))
  const { of } = await prove(origin, '--policy', 'rbac', '-c', file)
  assert.deepEqual(
    of('fail').map(({ route, probe }) => [route, probe]),
    [['POST /forms', 'a caller without any role or scope']],
  )
})

test('where nobody can be made up, the report says why', { timeout: 120_000 }, async () => {
  const file = join(gateway.folder, 'elsewhere.yaml')
  process.env.TEST_CLIENT_SECRET = 'x'.repeat(40)
  const client = 'client: { id: shop, secret: env:TEST_CLIENT_SECRET }'
  const elsewhere = `issuer: https://login.example.com, origin: '${origin}', ${client},`
  await writeFile(file, toFile().replace('issuer: identity,', elsewhere))
  const { results } = await prove(origin, '--policy', 'browser-login', '-c', file)
  const walk = results.find(({ probe }) => probe.includes('login CSRF'))
  assert.equal(walk?.verdict, 'skip')
  assert.match(walk?.reason ?? '', /log in at https:\/\/login\.example\.com, where nobody can be made up/)

  const key = process.env.TEST_MASTER_KEY
  process.env.TEST_MASTER_KEY = randomBytes(32).toString('base64')
  try {
    const { of } = await prove(origin, '--policy', 'csrf')
    assert.ok(of('skip').length >= 4)
    for (const { reason } of of('skip')) assert.match(reason ?? '', /sealed with keys that cannot be opened here/)
  } finally {
    process.env.TEST_MASTER_KEY = key
  }
})

interface Changes {
  asks?(url: URL, headers: IncomingHttpHeaders): void
  answers?(answer: IncomingMessage): void
}

/** Stands in front of the gateway and takes a protection away. */
async function startProxy({ asks, answers }: Changes): Promise<{ readonly url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin)
    const headers = { ...request.headers }
    asks?.(url, headers)
    const onward = openRequest(url, { method: request.method, headers, agent: false }, (answer) => {
      answers?.(answer)
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function toFile(): string {
  return `version: 1
listen: { http: { host: 127.0.0.1, port: ${new URL(origin).port}, serve: true, reason: a test } }
server: { workers: 1 }
upstreams: { api: { targets: ['${upstream.url}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
sessions: { unsafePlainHttp: { reason: a test } }
identity: { issuer: ${origin}/identity }
defaults:
  rateLimit: { limit: 100000/min, per: ip }
  browserLogin: { issuer: identity, scopes: ['orders:read'] }
routes:
  - { path: '/api/{path*}', methods: [GET], upstream: api, authenticate: [browserLogin], authorize: { roles: [customer], scopes: ['orders:read'] } }
  - { path: '/api/{path*}', methods: [POST], upstream: api, authenticate: [browserLogin], authorize: { roles: [customer] } }
  - { path: /forms, methods: [POST], upstream: api, authenticate: [browserLogin], csrf: { token: require } }
  - { path: /home, methods: [GET], upstream: api, access: public, reason: a page of the application }
`
}
