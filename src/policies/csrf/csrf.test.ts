import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import {
  createTestExchange,
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { openTestSessions, start } from '../../../test/support/sessions.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { session } from '../session/index.ts'
import { csrf } from './index.ts'
import { readTokenKey } from './token-key.ts'

let sessions: Awaited<ReturnType<typeof openTestSessions>>
const folder = mkdtempSync(join(tmpdir(), 'portcullis-csrf-'))

before(async () => {
  sessions = await openTestSessions()
})
after(() => {
  sessions.close()
  rmSync(folder, { recursive: true })
})

type Fields = Record<string, string>
type Options = Record<string, unknown>

const own = 'https://api.example.com'
const evil = 'https://evil.example.net'

/** What a request with a session gets. */
async function withSession(options: Options, request: TestRequest & { headers?: Fields } = {}) {
  const { cookie } = await sessions.begin()
  const pipeline = await sessions.createRoute([{ policy: session }, { policy: csrf, options }])
  return runTestExchange({ method: 'POST', ...request, pipeline, headers: { cookie, ...request.headers } })
}

/** The same with a cookie of the upstream's own, on a public route. */
function withCookie(options: Options, request: TestRequest & { headers?: Fields } = {}) {
  const policies = [{ policy: csrf, options }]
  const ports = [[dataFolderPort, { path: folder }]] as const
  return runTestExchange({
    method: 'POST',
    ports,
    ...request,
    policies,
    headers: { cookie: 'sid=1', ...request.headers },
  })
}

const foreign: Fields[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', origin: own },
  { 'sec-fetch-site': 'same-origin', origin: evil },
  { 'sec-fetch-site': 'none', origin: evil },
  { 'sec-fetch-site': 'SAME-ORIGIN' },
  { 'sec-fetch-site': '' },
  { origin: evil },
  { origin: 'null' },
  { origin: `${own}.evil.example.net` },
  { origin: 'http://api.example.com' },
  { origin: `${own}:8443` },
  { origin: '' },
  { origin: `${own}, ${evil}` },
  { referer: `${evil}/?${own}` },
  { referer: `${own}@evil.example.net/` },
  { referer: 'api.example.com' },
  { referer: '' },
  { origin: evil, referer: `${own}/` },
]

const ours: Fields[] = [
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'same-origin', origin: own },
  // A page with `Referrer-Policy: no-referrer`.
  { 'sec-fetch-site': 'same-origin', origin: 'null' },
  { 'sec-fetch-site': 'none' },
  { origin: own },
  { referer: `${own}/form?x=1` },
]

test('pages of other origins change nothing with a session, pages of our own do', async () => {
  for (const headers of foreign) {
    const { code, status, forwarded } = await withSession({}, { headers })
    assert.deepEqual([code, status, forwarded], ['csrf_foreign_origin', 403, false], JSON.stringify(headers))
  }
  for (const headers of ours) assert.equal((await withSession({}, { headers })).code, null, JSON.stringify(headers))
  assert.equal((await withSession({})).code, 'csrf_origin_missing')
})

test('without the policy every one of them passes', async () => {
  for (const headers of foreign) {
    const { cookie } = await sessions.begin()
    const pipeline = await sessions.createRoute([{ policy: session }])
    assert.ok((await runTestExchange({ pipeline, method: 'POST', headers: { cookie, ...headers } })).forwarded)
  }
})

test('whoever only asks may come from anywhere, whatever opens a socket or names another method may not', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' }
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    assert.equal((await withSession({}, { method, headers })).code, null)
  }
  for (const method of ['PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'get']) {
    assert.equal((await withSession({}, { method, headers })).code, 'csrf_foreign_origin', method)
  }
  assert.equal((await withSession({}, { method: 'GET', upgrade: 'websocket', headers })).code, 'csrf_foreign_origin')
  for (const query of ['_method=DELETE', 'a=1&_method=PUT', '%5fmethod=DELETE', '_%6dethod=DELETE']) {
    assert.equal((await withSession({}, { method: 'GET', query, headers })).code, 'csrf_foreign_origin', query)
  }
  assert.equal((await withSession({}, { method: 'GET', query: 'method=a_method', headers })).code, null)
})

test('other origins are trusted by name, other hosts of the site by an option', async () => {
  const app = 'https://app.example.com'
  const code = async (options: Options, headers: Fields) => (await withSession(options, { headers })).code
  const trusted = { trustedOrigins: [app, 'https://*.shop.example.com'] }
  assert.equal(await code(trusted, { 'sec-fetch-site': 'same-site', origin: app }), null)
  assert.equal(await code(trusted, { 'sec-fetch-site': 'cross-site', origin: 'https://a.shop.example.com' }), null)
  assert.equal(await code(trusted, { origin: app }), null)
  assert.equal(await code(trusted, { referer: `${app}/x` }), null)
  assert.equal(await code(trusted, { 'sec-fetch-site': 'same-site' }), 'csrf_foreign_origin')
  assert.equal(await code(trusted, { 'sec-fetch-site': 'same-site', origin: evil }), 'csrf_foreign_origin')
  assert.equal(await code({ sameSite: true }, { 'sec-fetch-site': 'same-site', origin: evil }), null)
  assert.equal(await code({ sameSite: true }, { 'sec-fetch-site': 'same-site', origin: 'null' }), 'csrf_foreign_origin')
  assert.equal(await code({ sameSite: true }, { 'sec-fetch-site': 'cross-site' }), 'csrf_foreign_origin')
})

describe('cookies of the upstream’s own', () => {
  const headers = { 'sec-fetch-site': 'cross-site' }

  test('are looked at where the file says so', async () => {
    assert.equal((await withCookie({}, { headers })).code, null)
    assert.equal((await withCookie({ cookies: 'any' }, { headers })).code, 'csrf_foreign_origin')
    assert.equal((await withCookie({ cookies: ['sid'] }, { headers })).code, 'csrf_foreign_origin')
    assert.equal((await withCookie({ cookies: ['other'] }, { headers })).code, null)
    assert.equal((await withCookie({ cookies: 'any' })).code, 'csrf_origin_missing')
    assert.equal((await withCookie({ cookies: 'any' }, { headers: { 'sec-fetch-site': 'same-origin' } })).code, null)
  })

  test('do not matter beside what no other page can add', async () => {
    for (const [name, value] of [
      ['authorization', 'Bearer x'],
      ['x-api-key', 'x'],
    ] as const) {
      assert.equal((await withCookie({ cookies: 'any' }, { headers: { ...headers, [name]: value } })).code, null)
    }
    // Browsers add these by themselves to what a foreign page sends.
    for (const authorization of ['Basic dTpw', 'basic dTpw', 'Digest x', 'Negotiate x', 'NTLM x', 'Basic']) {
      const { code } = await withCookie({ cookies: 'any' }, { headers: { ...headers, authorization } })
      assert.equal(code, 'csrf_foreign_origin', authorization)
    }
  })
})

test('callers by key or token are exempt, not those that a certificate or a password of the browser identified', async () => {
  for (const [policy, code] of [
    ['api-key', null],
    ['jwt', null],
    ['basic', 'csrf_foreign_origin'],
    ['mtls', 'csrf_foreign_origin'],
  ] as const) {
    const pipeline = await createTestPipeline([{ policy: csrf, options: { cookies: 'any' } }], { authenticated: true })
    const [hooks] = pipeline.hooks
    const run = async (headers: Fields) => {
      const { exchange } = await createTestExchange({
        pipeline,
        method: 'POST',
        headers: { cookie: 'a=1', ...headers },
      })
      exchange.principal = { credential: { policy, id: 'x' } } as never
      const decision = await hooks?.authenticate?.(exchange)
      return decision?.kind === 'refuse' ? decision.code : null
    }
    assert.equal(await run({ origin: evil }), code, policy)
    assert.equal(await run({}), null, `${policy}: a program`)
  }
})

describe('tokens', () => {
  async function open(options: Options) {
    const { cookie } = await sessions.begin()
    const pipeline = await sessions.createRoute([{ policy: session }, { policy: csrf, options }])
    const endpoint = pipeline.hooks[1]?.endpoints?.['csrf-token']
    const fetchToken = async (headers: Fields = {}) => {
      const { exchange } = await createTestExchange({ route: pipeline.route, headers: { cookie, ...headers } })
      const answer = await endpoint?.(exchange)
      assert.ok(answer !== undefined)
      return answer.kind === 'reply'
        ? (JSON.parse(String(answer.body)) as { token: string; header: string })
        : answer.code
    }
    const run = (headers: Fields, request: TestRequest = {}) =>
      runTestExchange({ method: 'POST', ...request, pipeline, headers: { cookie, ...headers } })
    return { cookie, run, fetchToken, token: async () => ((await fetchToken()) as { token: string }).token }
  }

  test('`accept` takes one where the browser says nothing, never beside a foreign page', async () => {
    const { run, token } = await open({ token: 'accept' })
    const good = { 'x-csrf-token': await token() }
    assert.equal((await run(good)).code, null)
    assert.equal((await run({ 'sec-fetch-site': 'same-origin' })).code, null)
    assert.equal((await run({})).code, 'csrf_token_missing')
    assert.equal((await run({ ...good, 'sec-fetch-site': 'cross-site' })).code, 'csrf_foreign_origin')
    assert.equal((await run({ ...good, origin: evil })).code, 'csrf_foreign_origin')
  })

  test('`require` asks for one beside the origin', async () => {
    const { run, token } = await open({ token: 'require', tokenHeader: 'X-XSRF-Token' })
    const same = { 'sec-fetch-site': 'same-origin' }
    assert.equal((await run(same)).code, 'csrf_token_missing')
    assert.equal((await run({ ...same, 'x-xsrf-token': await token() })).code, null)
    assert.equal((await run({ ...same, 'x-csrf-token': await token() })).code, 'csrf_token_missing')
  })

  test('one of another session, an old one or a made-up one is worth nothing', async () => {
    const [mine, theirs] = [await open({ token: 'require' }), await open({ token: 'require' })]
    const same = { 'sec-fetch-site': 'same-origin' }
    const code = async (token: string) => (await mine.run({ ...same, 'x-csrf-token': token })).code
    const token = await mine.token()
    assert.equal(await code(token), null)
    for (const other of [await theirs.token(), 'A'.repeat(72), '', token.slice(1), `${token}, ${token}`]) {
      assert.equal(await code(other), 'csrf_token_wrong')
    }
    sessions.state.clock = start + 12 * 3_600_000
    assert.equal(await code(token), 'session_expired')
    sessions.state.clock = start
    const short = await open({ token: 'require', tokenLifetime: '1m' })
    const old = await short.token()
    sessions.state.clock = start + 60_000
    assert.equal((await short.run({ ...same, 'x-csrf-token': old })).code, 'csrf_token_wrong')
    sessions.state.clock = start
  })

  test('pages of other origins are handed none', async () => {
    const { fetchToken } = await open({ token: 'accept' })
    assert.equal(await fetchToken({ 'sec-fetch-site': 'cross-site' }), 'csrf_foreign_origin')
    assert.equal(await fetchToken({ origin: evil }), 'csrf_foreign_origin')
    assert.equal(typeof ((await fetchToken({ 'sec-fetch-site': 'same-origin' })) as { token: string }).token, 'string')
  })

  test('forms carry one, and reach the upstream as they were sent', async () => {
    const { run, token } = await open({ token: 'require' })
    const same = { 'sec-fetch-site': 'same-origin' }
    const good = await token()
    const urlencoded = { ...same, 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }
    const body = `a=%C3%BC&csrf_token=${good}&b=2`
    const passed = await run(urlencoded, { body })
    assert.deepEqual([passed.code, String(passed.forwardedBody)], [null, body])
    const part = (name: string, value: string) =>
      `--xyz\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const multipart = { ...same, 'content-type': 'multipart/form-data; boundary="xyz"' }
    const parts = `${part('file', '\u0001\u0002 name="csrf_token"')}${part('csrf_token', good)}--xyz--\r\n`
    const uploaded = await run(multipart, { body: parts })
    assert.deepEqual([uploaded.code, String(uploaded.forwardedBody)], [null, parts])
    for (const [headers, wrong, code] of [
      [urlencoded, 'a=1', 'csrf_token_missing'],
      [urlencoded, 'csrf_token=x', 'csrf_token_wrong'],
      [urlencoded, `csrf_token=x&csrf_token=${good}`, 'csrf_token_wrong'],
      [multipart, `${part('file', 'csrf_token')}--xyz--`, 'csrf_token_missing'],
      [multipart, '--xyz', 'csrf_token_missing'],
      [{ ...same, 'content-type': 'multipart/form-data' }, parts, 'csrf_token_missing'],
      [{ ...same, 'content-type': 'text/plain' }, body, 'csrf_token_missing'],
      [{ ...same, 'content-type': 'application/json' }, `{"csrf_token":"${good}"}`, 'csrf_token_missing'],
    ] as const) {
      assert.equal((await run(headers, { body: wrong })).code, code, wrong)
    }
    const large = await run(urlencoded, { body: Buffer.alloc(1024 * 1024 + 1, 'x') })
    assert.equal(large.status, 413)
  })

  test('a form of a megabyte of boundaries is read in no time', async () => {
    const { run } = await open({ token: 'require' })
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=-' }
    const began = performance.now()
    for (const body of ['---', '---\r\n\r\n', '---\r\nx: name="csrf_token"']) {
      const full = Buffer.from(body.repeat(Math.floor(1_000_000 / body.length)))
      assert.equal((await run(headers, { body: full })).code, 'csrf_token_missing')
    }
    assert.ok(performance.now() - began < 5000)
  })

  test('anything may come as a form', async () => {
    const { run } = await open({ token: 'require' })
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=b' }
    const part = fc.constantFrom(
      '--b',
      '\r\n',
      '\r\n\r\n',
      'content-disposition: form-data;',
      ' name="csrf_token"',
      'x',
      '--',
    )
    const bodies = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        assert.match((await run(headers, { body })).code ?? '', /^csrf_token_(missing|wrong)$/)
      }),
      { numRuns: 50 },
    )
  })

  test('a cookie for scripts is set where none holds, and alone proves nothing', async () => {
    const { run, cookie } = await open({ token: 'require', tokenCookie: '__Host-csrf-token' })
    const first = await run({}, { method: 'GET' })
    const [, token = ''] =
      /^__Host-csrf-token=([\w-]{72}); Path=\/; Secure; SameSite=Strict$/.exec(first.headers.get('set-cookie') ?? '') ??
      []
    const cookies = { cookie: `${cookie}; __Host-csrf-token=${token}`, 'sec-fetch-site': 'same-origin' }
    assert.equal((await run(cookies, { method: 'GET' })).headers.has('set-cookie'), false)
    assert.equal((await run(cookies)).code, 'csrf_token_missing')
    assert.equal((await run({ ...cookies, 'x-csrf-token': token })).code, null)
  })

  test('where sessions are the upstream’s own, they are bound to a cookie that only this host can set', async () => {
    const ports = [[dataFolderPort, { path: folder }]] as const
    const pipeline = await createTestPipeline(
      [{ policy: csrf, options: { cookies: ['sid'], token: 'require' } }],
      {},
      { ports },
    )
    const endpoint = pipeline.hooks[0]?.endpoints?.['csrf-token']
    const ask = async (cookie: string) => {
      const { exchange } = await createTestExchange({ pipeline, headers: { cookie } })
      const answer = await endpoint?.(exchange)
      assert.ok(answer?.kind === 'reply')
      return {
        token: JSON.parse(String(answer.body)).token,
        setCookie: Object.fromEntries(answer.headers)['set-cookie'],
      }
    }
    const first = await ask('sid=1')
    const [, binding = ''] =
      /^(__Host-csrf=[\w-]{43}); Path=\/; Secure; HttpOnly; SameSite=Strict$/.exec(first.setCookie ?? '') ?? []
    const second = await ask(`sid=1; ${binding}`)
    assert.equal(second.setCookie, undefined)
    const attacker = await ask('sid=2')
    const code = async (cookie: string, token: string) => {
      const headers = { 'sec-fetch-site': 'same-origin', cookie, 'x-csrf-token': token }
      return (await runTestExchange({ pipeline, method: 'POST', headers })).code
    }
    assert.equal(await code(`sid=1; ${binding}`, first.token), null)
    assert.equal(await code(`sid=1; ${binding}`, second.token), null)
    assert.equal(await code(`sid=1; ${binding}`, attacker.token), 'csrf_token_wrong')
    assert.equal(await code('sid=1', first.token), 'csrf_token_wrong')
    assert.equal(await code(`sid=1; ${binding}; ${binding}`, first.token), 'csrf_token_wrong')
  })

  test('threads that start at once end up with one key, which only its owner may read', async () => {
    const path = mkdtempSync(join(folder, 'key-'))
    const keys = await Promise.all(Array.from({ length: 8 }, () => readTokenKey(path)))
    assert.equal(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size, 1)
    assert.equal(statSync(join(path, 'csrf.key')).mode & 0o777, 0o600)
    writeFileSync(join(path, 'csrf.key'), 'short')
    await assert.rejects(readTokenKey(path), /remove it/)
  })
})

test('cookies of the upstream get what they lack', async () => {
  const upstream = {
    headers: [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=1; Path=/; SameSite=None; Secure; HttpOnly'],
      ['set-cookie', 'c=SameSite; path=/; httponly'],
      ['set-cookie', 'XSRF-TOKEN=1; Path=/'],
    ],
  } as const
  const options = { harden: { sameSite: 'strict', except: ['XSRF-TOKEN'] } }
  const { headers } = await withCookie(options, { method: 'GET', upstream })
  assert.deepEqual(headers.all('set-cookie'), [
    'a=1; SameSite=Strict; Secure; HttpOnly',
    'b=1; Path=/; SameSite=None; Secure; HttpOnly',
    'c=SameSite; path=/; httponly; SameSite=Strict; Secure',
    'XSRF-TOKEN=1; Path=/; SameSite=Strict; Secure',
  ])
})

test('while it only observes it refuses and changes nothing', async () => {
  const policies = [{ policy: csrf, mode: 'observe', options: { cookies: 'any', harden: {} } } as const]
  const headers = { cookie: 'a=1', origin: evil }
  const upstream = { headers: { 'set-cookie': 'a=1' } }
  const result = await runTestExchange({ policies, method: 'POST', headers, upstream })
  assert.ok(result.forwarded)
  assert.deepEqual(result.exchange.observed, [{ policy: 'csrf', code: 'csrf_foreign_origin' }])
  assert.equal(result.headers.get('set-cookie'), 'a=1')
})

test('its probes tell a route with the policy from one without', async () => {
  const options = { cookies: 'any' }
  const request = { route: { authenticated: false } }
  const run = (enforced: boolean) => runProbes({ policy: csrf, options, enforced, method: 'POST', request })
  assert.deepEqual(
    (await run(true)).filter(({ failure }) => failure !== null),
    [],
  )
  assert.ok((await run(false)).every(({ failure }) => failure !== null))
  assert.equal((await run(true)).length, 1)
})

test('it is there wherever a session is, and what weakens it must be said with a reason', () => {
  const compile = (route: string) =>
    compileSnapshot(`version: 1
listen: { https: { port: 8443, certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
routes: [{ path: /orders, upstream: shop, authenticate: [session]${route} }]
`)
  const built = compile('')
  assert.ok(built.ok)
  assert.ok(built.snapshot.routes[0]?.policies.some(({ name, mode }) => name === 'csrf' && mode === 'enforce'))
  for (const route of [', csrf: { trustedOrigins: ["https://a.example"] }', ', csrf: { sameSite: true }']) {
    assert.equal(compile(route).ok, false, route)
  }
  for (const route of [
    ', csrf: { cookies: any, token: require }',
    ', loosen: { csrf: { trustedOrigins: ["https://a.example"], reason: our app } }',
    ', exempt: [{ policy: csrf, reason: a test }]',
  ]) {
    const result = compile(route)
    assert.ok(result.ok, route)
  }
  for (const options of [
    { cookies: [] },
    { cookies: 'all' },
    { trustedOrigins: ['*'] },
    { token: 'on' },
    { tokenLifetime: '1y' },
  ]) {
    assert.throws(() => parseTestOptions(csrf, options), JSON.stringify(options))
  }
})
