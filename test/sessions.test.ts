import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNodeGuard } from '../src/adapters/node.ts'
import { loadPolicies } from '../src/runtime/load-policies.ts'
import { type System, startSystem } from '../src/runtime/system.ts'
import { describeOnPostgres } from './support/postgres.ts'
import { runCli } from './support/run-cli.ts'
import { startUpstreamServer, type TestUpstreamServer } from './support/upstream-server.ts'

const policyFile = (upstream: string, data: string) => `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev } }
server: { workers: 2 }
log: { level: silent }
data: "${data}"
upstreams: { shop: { targets: ["${upstream}"] } }
defaults: { session: { logout: { path: /logout } } }
routes:
  - path: /login
    methods: [POST]
    access: public
    reason: a test
    upstream: shop
    establishSession: { reason: a test }
  - { path: /elsewhere, methods: [POST], access: public, reason: a test, upstream: shop }
  - { path: /orders, methods: [GET, POST], authenticate: [session], upstream: shop }
`

let upstream: TestUpstreamServer
before(async () => {
  upstream = await startUpstreamServer(({ method, url }, response) => {
    if (method === 'POST')
      response.setHeader('portcullis-session', JSON.stringify({ subject: 'alice', roles: ['customer'] }))
    response.end(url)
  })
})
after(() => upstream.close())

interface Received {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
}

/** Each call takes a connection of its own, so that both threads get to serve. */
function call(url: string, method: string, path: string, headers: Record<string, string> = {}): Promise<Received> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: new Agent({ keepAlive: false }), rejectUnauthorized: false }
    request(new URL(path, url.replace('localhost', '127.0.0.1')), options, (response) => {
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
    })
      .on('error', reject)
      .end()
  })
}

const cookieOf = ({ headers }: Received) => (headers['set-cookie']?.[0] ?? '').split(';', 1)[0] as string

function describeSessions(database: string, locate: (folder: string) => Promise<string>): void {
  describe(`sessions of a gateway with two threads, on ${database}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-sessions-'))
    let system: System
    let url = ''
    before(async () => {
      const file = join(folder, 'portcullis.yaml')
      writeFileSync(file, policyFile(upstream.url, await locate(folder)))
      system = await startSystem({ load: () => loadPolicies(file), watched: [] })
      url = system.listeners[0]?.url ?? ''
    })
    after(async () => {
      await system.stop(0)
      rmSync(folder, { recursive: true })
    })

    const orders = (cookie: string) => call(url, 'GET', '/orders', { cookie })
    const many = async (cookie: string) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => orders(cookie)))
      return new Set(answers.map(({ status }) => status))
    }

    /** How long it takes until no thread lets the session in. */
    async function endsWithin(limitMs: number, cookie: string): Promise<void> {
      const began = performance.now()
      while ((await many(cookie)).has(200)) {
        assert.ok(performance.now() - began < limitMs, `it lives after ${limitMs} ms`)
        await sleep(20)
      }
    }

    test('a login holds in every thread at once', async () => {
      const answer = await call(url, 'POST', '/login')
      assert.match(cookieOf(answer), /^__Host-session=[\w-]{43}$/)
      assert.equal(answer.headers['portcullis-session'], undefined)
      assert.deepEqual(await many(cookieOf(answer)), new Set([200]))
    })

    test('what an upstream says on another route is dropped', async () => {
      const { headers } = await call(url, 'POST', '/elsewhere')
      assert.deepEqual([headers['set-cookie'], headers['portcullis-session']], [undefined, undefined])
    })

    test('a logout ends the session in every thread within a second', async () => {
      const cookie = cookieOf(await call(url, 'POST', '/login'))
      assert.deepEqual(await many(cookie), new Set([200]))
      const { status } = await call(url, 'POST', '/logout', { cookie, 'sec-fetch-site': 'same-origin' })
      assert.equal(status, 204)
      await endsWithin(1000, cookie)
    })

    test('a new login ends the old session; one that is revoked by hand ends within a second', async () => {
      const old = cookieOf(await call(url, 'POST', '/login'))
      const fresh = cookieOf(await call(url, 'POST', '/login', { cookie: old }))
      await endsWithin(1000, old)
      assert.deepEqual(await many(fresh), new Set([200]))
      const { status, stdout } = await runCli(folder, 'sessions', 'revoke', '--principal', 'alice', '--json')
      assert.deepEqual([status, Object.keys(JSON.parse(stdout))], [0, ['revoked']])
      await endsWithin(1000, fresh)
    })
  })
}

describeSessions('SQLite', async () => 'sqlite:data/portcullis.db')
describeOnPostgres('PostgreSQL', (server) => {
  describeSessions('PostgreSQL', async (folder) => {
    writeFileSync(join(folder, 'url'), await server().createDatabase())
    return 'file:url'
  })
})

test('an embedding application begins, renews and ends sessions by the same code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sessions-embedded-'))
  const guard = await createNodeGuard({
    config: {
      version: 1,
      log: { level: 'silent' },
      data: `sqlite:${join(folder, 'data', 'portcullis.db')}`,
      trustProxies: ['127.0.0.1'],
      routes: [
        {
          path: '/login',
          methods: ['POST'],
          access: 'public',
          reason: 'a test',
          establishSession: { reason: 'a test' },
        },
        { path: '/account', authenticate: ['session'], establishSession: { reason: 'a test' } },
        { path: '/other', access: 'public', reason: 'a test' },
      ],
    },
  })
  const listener = guard.protect((incoming, response) => {
    const { sessions } = guard
    const what = incoming.headers['x-do']
    if (what === 'create') sessions.create(response, { subject: 'zoë', roles: ['customer'] })
    if (what === 'raise') sessions.rotate(response, { subject: 'zoë', roles: ['admin'] })
    if (what === 'rotate') sessions.rotate(response)
    if (what === 'end') sessions.end(response)
    if (what === 'wrong') {
      assert.throws(() => sessions.create(response, { subject: '' }), /subject/)
      response.flushHeaders()
    }
    assert.doesNotMatch(JSON.stringify([incoming.rawHeaders, incoming.headersDistinct]), /__Host-session/)
    response.end(JSON.stringify({ roles: incoming.principal?.roles, cookie: incoming.headers.cookie }))
  })
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = async (path: string, what: string, cookie = '', method = 'POST') => {
    // As a balancer that ends TLS tells it.
    const headers = { 'x-do': what, 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin', cookie }
    const response = await fetch(url + path, { method, headers })
    const set = response.headers.get('set-cookie')
    return { status: response.status, cookie: set?.split(';', 1)[0] ?? null, body: await response.text() }
  }
  try {
    const first = await ask('/login', 'create')
    assert.match(first.cookie ?? '', /^__Host-session=[\w-]{43}$/)
    const seen = await ask('/account', '', `a=1; ${first.cookie}`)
    assert.deepEqual(JSON.parse(seen.body), { roles: ['customer'], cookie: 'a=1' })
    const raised = await ask('/account', 'raise', first.cookie ?? '')
    assert.equal((await ask('/account', '', first.cookie ?? '')).status, 401)
    const rotated = await ask('/account', 'rotate', raised.cookie ?? '')
    assert.deepEqual(JSON.parse((await ask('/account', '', rotated.cookie ?? '')).body), { roles: ['admin'] })
    assert.equal((await ask('/account', 'end', rotated.cookie ?? '')).cookie, '__Host-session=')
    assert.equal((await ask('/account', '', rotated.cookie ?? '')).status, 401)
    assert.equal((await ask('/other', 'create')).cookie, null, 'a route that does not say so')
    assert.equal((await ask('/login', 'wrong')).status, 200)
  } finally {
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
    await guard.close()
    rmSync(folder, { recursive: true })
  }
})
