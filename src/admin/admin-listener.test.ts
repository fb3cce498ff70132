import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { hostname } from 'node:os'
import { type TestContext, test } from 'node:test'
import { type AdminAnswer, adminToken, ask, openTestAdmin, withToken } from '../../test/support/admin.ts'
import { exchangeRaw, statusesOf } from '../../test/support/raw-http.ts'

const scrape = `Authorization: Bearer ${adminToken}\r\n`

function assertProblem({ status, headers, body }: AdminAnswer, expected: number, type: string): void {
  assert.equal(status, expected)
  assert.equal(headers['content-type'], 'application/problem+json')
  const problem = JSON.parse(body) as Record<string, unknown>
  assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'instance'])
  assert.equal(problem.type, `urn:problem-type:${type}`)
  assert.doesNotMatch(body + JSON.stringify(headers), /portcullis|node|express/i)
}

test('metrics are for holders of the token, whatever the connection', async (t) => {
  const admin = await openTestAdmin(t, { readMetrics: async () => 'requests_total 7\n' })
  const metrics = await ask(`${admin.url}/metrics`, withToken())
  assert.equal(metrics.status, 200)
  assert.equal(metrics.body, 'requests_total 7\n')
  assert.equal(metrics.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  assert.equal((await ask(`${admin.url}/metrics?x=1`, withToken())).status, 200)

  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${adminToken}x`,
    `Bearer ${adminToken.slice(1)}`,
    `Bearer ${adminToken.toUpperCase()}`,
    `Bearer ${adminToken},Bearer x`,
    `Basic ${Buffer.from(`admin:${adminToken}`).toString('base64')}`,
    `Basic ${Buffer.from('admin:admin').toString('base64')}`,
    adminToken,
  ]
  for (const authorization of wrong) {
    const answer = await ask(`${admin.url}/metrics`, { headers: authorization === undefined ? {} : { authorization } })
    assertProblem(answer, 401, 'unauthenticated')
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="metrics"')
  }
  assertProblem(await ask(`${admin.url}/metrics?token=${adminToken}`), 401, 'unauthenticated')
  assert.equal(admin.readings(), 1)
})

test('the scheme is written as one likes (RFC 9110 section 11.1)', async (t) => {
  const admin = await openTestAdmin(t)
  const answer = await ask(`${admin.url}/metrics`, { headers: { authorization: `bearer ${adminToken}` } })
  assert.equal(answer.status, 200)
})

test('whether it lives and is ready is told to anyone, and nothing else with it', async (t) => {
  let ready = false
  const admin = await openTestAdmin(t, { isReady: () => ready })
  for (const [path, status, body] of [
    ['/live', 200, 'live\n'],
    ['/ready', 503, 'not ready\n'],
  ] as const) {
    const answer = await ask(admin.url + path)
    assert.deepEqual([answer.status, answer.body], [status, body])
  }
  ready = true
  assert.equal((await ask(`${admin.url}/ready`)).status, 200)
})

test('a page that rebinds a name to the listener gets nothing, with the token too', async (t) => {
  const admin = await openTestAdmin(t)
  const host = `rebound.example:${admin.port}`
  const askAs = (name: string, path = '/metrics') =>
    ask(admin.url + path, { headers: { ...withToken().headers, host: name } })

  // Without the check the same request is answered: here somebody gave the listener that name.
  const named = await openTestAdmin(t, { names: ['rebound.example'] })
  assert.equal((await ask(`${named.url}/metrics`, { headers: { ...withToken().headers, host } })).status, 200)

  for (const path of ['/metrics', '/ready', '/live', '/']) {
    assertProblem(await askAs(host, path), 421, 'misdirected-request')
  }
  const others = ['0.0.0.0', '127.0.0.2', '10.0.0.1', '[::1]', hostname(), 'localhost.', 'localhost.rebound.example']
  for (const name of others) assert.equal((await askAs(name)).status, 421, name)
  for (const name of ['localhost', 'LOCALHOST:1', '127.0.0.1', `127.0.0.1:${admin.port}`, '[::ffff:127.0.0.1]:80']) {
    assert.equal((await askAs(name)).status, 200, name)
  }
  for (const head of ['HTTP/1.0\r\n', 'HTTP/1.1\r\n', 'HTTP/1.1\r\nHost:\r\n']) {
    assert.deepEqual(statusesOf(await exchangeRaw(admin.port, `GET /metrics ${head}${scrape}\r\n`)), [421], head)
  }
  assert.equal(admin.readings(), 1)
})

test('names and addresses that the file lists are its own, where something in between changes the address', async (t) => {
  const admin = await openTestAdmin(t, { names: ['Gateway.internal', '192.0.2.7', '2001:DB8:0::7'] })
  for (const host of ['gateway.internal:9443', 'GATEWAY.INTERNAL', '192.0.2.7:80', '[2001:db8::7]:80']) {
    assert.equal((await ask(`${admin.url}/ready`, { headers: { host } })).status, 200, host)
  }
  assert.equal((await ask(`${admin.url}/ready`, { headers: { host: 'other.internal' } })).status, 421)
})

// Elsewhere loopback has one address.
test('bound to every address it answers to the one that was called', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const admin = await openTestAdmin(t, { host: '0.0.0.0' })
  assert.match(admin.url, /^http:\/\/localhost:\d+$/)
  const at = (host: string, header: string) =>
    ask(`http://${host}:${admin.port}/ready`, { headers: { host: header } }).then(({ status }) => status)
  assert.equal(await at('127.0.0.2', '127.0.0.2'), 200)
  assert.equal(await at('127.0.0.2', '127.0.0.1'), 421)
  assert.equal(await at('127.0.0.1', '0.0.0.0'), 421)
})

test('only GET and HEAD, only what is there', async (t) => {
  const admin = await openTestAdmin(t)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
    const answer = await ask(`${admin.url}/metrics`, { method, ...withToken() })
    assertProblem(answer, 405, 'method-not-allowed')
    assert.equal(answer.headers.allow, 'GET, HEAD')
  }
  for (const path of ['/', '/metrics/', '/Metrics', '//metrics', '/metrics%2f', '/favicon.ico', '/admin']) {
    assertProblem(await ask(admin.url + path, withToken()), 404, 'not-found')
  }
  const absolute = `GET http://127.0.0.1/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n${scrape}\r\n`
  assert.deepEqual(statusesOf(await exchangeRaw(admin.port, absolute)), [404])
  assert.deepEqual(statusesOf(await exchangeRaw(admin.port, 'CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n')), [])
  const upgrade = `GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`
  assert.deepEqual(statusesOf(await exchangeRaw(admin.port, upgrade)), [200])
  assert.equal(admin.readings(), 0)
})

test('HEAD tells what GET would, without its body', async (t) => {
  const admin = await openTestAdmin(t, { readMetrics: async () => 'ä 1\n' })
  const answer = await ask(`${admin.url}/metrics`, { method: 'HEAD', ...withToken() })
  assert.deepEqual([answer.status, answer.headers['content-length'], answer.body], [200, '5', ''])
  assert.equal((await ask(`${admin.url}/nothing`, { method: 'HEAD' })).status, 404)
})

test('no browser may keep, frame, embed or share an answer, whatever its page asks for', async (t) => {
  const admin = await openTestAdmin(t)
  const origin = { origin: 'https://evil.example', 'access-control-request-method': 'GET' }
  for (const [path, method] of [
    ['/metrics', 'GET'],
    ['/ready', 'GET'],
    ['/nothing', 'GET'],
    ['/metrics', 'OPTIONS'],
  ] as const) {
    const { headers } = await ask(admin.url + path, { method, headers: { ...withToken().headers, ...origin } })
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.deepEqual(
      Object.keys(headers).filter((name) => /^access-control|^server$|^x-powered|^set-cookie/.test(name)),
      [],
    )
  }
})

test('a scraper keeps its connection; a caller that was refused loses it', async (t) => {
  const admin = await openTestAdmin(t)
  const good = `GET /metrics HTTP/1.1\r\nHost: localhost\r\n${scrape}\r\n`
  assert.deepEqual(statusesOf(await exchangeRaw(admin.port, good + good)), [200, 200])
  const refused = await exchangeRaw(admin.port, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3))
  assert.equal(statusesOf(refused)[0], 401)
  assert.equal(statusesOf(refused).length, 1)
  assert.match(refused, /\r\nconnection: close\r\n/i)
})

test('metrics that cannot be read are a problem that tells the caller nothing', async (t) => {
  let broken = true
  const readMetrics = () => (broken ? Promise.reject(new Error('/var/lib/secret')) : Promise.resolve('fine 1\n'))
  const admin = await openTestAdmin(t, { readMetrics })
  const answer = await ask(`${admin.url}/metrics`, withToken())
  assertProblem(answer, 500, 'internal-error')
  assert.doesNotMatch(answer.body, /secret/)
  assert.ok(admin.events.some(({ event }) => event === 'admin_fault'))
  broken = false
  assert.equal((await ask(`${admin.url}/metrics`, withToken())).body, 'fine 1\n')
})

test('requests are counted by status; refusals are logged under the id that the caller was told, never the token', async (t) => {
  const admin = await openTestAdmin(t)
  const secret = 'some-other-token-that-is-really-a-password'
  const { body } = await ask(`${admin.url}/metrics`, withToken(secret))
  await ask(`${admin.url}/ready`)
  const { instance } = JSON.parse(body) as { instance: string }
  assert.deepEqual(admin.events, [
    { event: 'admin_refused', fields: { requestId: instance, problem: 'metrics_token_wrong', client: '127.0.0.1' } },
  ])
  assert.equal(admin.metric('portcullis_admin_requests_total', { status: '401' }), 1)
  assert.equal(admin.metric('portcullis_admin_requests_total', { status: '200' }), 1)
  for (let i = 0; i < 60; i++) await ask(`${admin.url}/${secret}`)
  assert.equal(admin.metric('portcullis_admin_requests_total', { status: '404' }), 60)
  assert.doesNotMatch(JSON.stringify(admin.events), new RegExp(secret))
  // A minute may have ended in between.
  assert.ok(admin.events.length <= 2 * 21, `${admin.events.length} lines`)
  assert.ok(admin.events.some(({ event }) => event === 'admin_refusals_muted'))
})

test('a port that is taken is an error in the operator’s words', async (t: TestContext) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  await assert.rejects(
    openTestAdmin(t, { port }),
    new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port} for administration: another program listens there`),
  )
})
