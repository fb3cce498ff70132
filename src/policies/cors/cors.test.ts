import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTestOptions, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { cors } from './index.ts'
import type { CorsOptions } from './options.ts'

const app = 'https://app.example.com'
const attacker = 'https://attacker.invalid'
const read = (options: unknown) => parseTestOptions(cors, options) as CorsOptions
const call = (request: TestRequest, options: unknown = { origins: [app] }) =>
  runTestExchange({ ...request, policies: [{ policy: cors, options }] })
const preflight = (
  origin: string,
  options?: unknown,
  more: Record<string, string> = {},
  route: TestRequest['route'] = {},
) => call({ method: 'OPTIONS', route, headers: { origin, 'access-control-request-method': 'PUT', ...more } }, options)

/** What an upstream says that reflects every origin, the mistake that this policy is there for. */
const reflecting: TestRequest['upstream'] = {
  headers: {
    'content-type': 'application/json',
    'access-control-allow-origin': attacker,
    'access-control-allow-credentials': 'true',
    'Access-Control-Expose-Headers': '*',
    etag: '"1"',
  },
}

test('without the policy an upstream that reflects origins hands its answers to every page', async () => {
  const { headers } = await runTestExchange({ headers: { origin: attacker }, upstream: reflecting })
  assert.equal(headers.get('access-control-allow-origin'), attacker)
})

test("the upstream's own CORS fields are replaced: there is one truth", async () => {
  const foreign = await call({ headers: { origin: attacker }, upstream: reflecting })
  assert.equal(foreign.forwarded, true)
  assert.deepEqual(foreign.headers.flat, ['content-type', 'application/json', 'etag', '"1"', 'vary', 'Origin'])
  const listed = await call({ headers: { origin: app }, upstream: reflecting })
  assert.deepEqual(listed.headers.all('access-control-allow-origin'), [app])
  assert.equal(listed.headers.has('access-control-allow-credentials'), false)
})

test('a listed page reads the answer and the exposed fields', async () => {
  const { headers } = await call(
    { headers: { origin: app } },
    { origins: [app], exposedHeaders: ['ETag'], credentials: true },
  )
  assert.deepEqual(headers.flat.slice(2), [
    ...['vary', 'Origin', 'access-control-allow-origin', app],
    ...['access-control-allow-credentials', 'true', 'access-control-expose-headers', 'etag'],
  ])
})

test('answers vary by origin also when there is none, and keep what varies already', async () => {
  const vary = async (headers: NonNullable<TestRequest['headers']>) =>
    (await call({ upstream: { headers } })).headers.all('vary')
  assert.deepEqual(await vary({}), ['Origin'])
  assert.deepEqual(await vary({ vary: 'Accept-Encoding' }), ['Accept-Encoding, Origin'])
  assert.deepEqual(await vary({ vary: 'accept, origin' }), ['accept, origin'])
  assert.deepEqual(await vary({ vary: '*' }), ['*'])
  assert.deepEqual(await vary({ vary: 'X-Origin' }), ['X-Origin, Origin'])
  assert.deepEqual(await vary({ vary: '' }), ['Origin'])
  assert.deepEqual(
    await vary([
      ['vary', 'Accept'],
      ['etag', '"1"'],
      ['vary', 'ORIGIN, Cookie'],
    ]),
    ['Accept, ORIGIN, Cookie'],
  )
})

test('refusals of later policies can be read by the listed page and vary too', async () => {
  const { status, headers } = await call({ headers: { origin: app }, route: { authenticated: true } })
  assert.equal(status, 401)
  assert.equal(headers.get('access-control-allow-origin'), app)
  assert.equal(headers.get('vary'), 'Origin')
})

test('a preflight is granted to a listed page, with the methods of the route', async () => {
  const granted = await preflight(
    app,
    { origins: [app], maxAge: '1h', allowedHeaders: ['X-API-Key'] },
    {},
    { methods: ['GET', 'PUT'] },
  )
  assert.deepEqual([granted.status, granted.forwarded, granted.body], [204, false, ''])
  assert.deepEqual(granted.headers.flat, [
    ...['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
    ...['access-control-allow-origin', app, 'access-control-max-age', '3600'],
    ...['access-control-allow-methods', 'GET, PUT, HEAD', 'access-control-allow-headers', 'x-api-key'],
  ])
})

test('a preflight names no method that the route or the options leave out', async () => {
  const methods = async (options: object, route: string[]) =>
    (await preflight(app, { origins: [app], ...options }, {}, { methods: route })).headers.get(
      'access-control-allow-methods',
    )
  assert.equal(await methods({ methods: ['PUT', 'DELETE'] }, ['GET', 'PUT']), 'PUT')
  assert.equal(await methods({ methods: ['DELETE'] }, ['GET']), undefined)
  assert.equal(await methods({}, []), 'GET, HEAD, POST, PUT, PATCH, DELETE')
  assert.equal(await methods({ methods: ['POST'] }, []), 'POST')
})

test('a preflight of another page is refused, needs no credential, and varies', async () => {
  for (const origin of [attacker, 'null', `${app}.attacker.invalid`, 'http://app.example.com', `${app}:443`, '']) {
    const refused = await preflight(origin)
    assert.deepEqual([refused.status, refused.code], [403, 'cors_preflight_refused'], origin)
    assert.equal(refused.headers.has('access-control-allow-origin'), false)
    assert.match(refused.headers.get('vary') ?? '', /^Origin, Access-Control-Request-Method/)
  }
  assert.equal((await preflight(app, undefined, {}, { authenticated: true })).status, 204)
})

test('OPTIONS that is no preflight goes on as an ordinary request', async () => {
  assert.equal((await call({ method: 'OPTIONS', headers: { origin: app } })).forwarded, true)
  const bare = await call({ method: 'OPTIONS', headers: { 'access-control-request-method': 'PUT' } })
  assert.equal(bare.forwarded, true)
  assert.match(bare.headers.get('vary') ?? '', /Access-Control-Request-Method/)
})

test('unsafe requests of other pages are refused before they do harm', async () => {
  const form = { method: 'POST', headers: { origin: attacker, 'content-type': 'text/plain' }, body: 'x' }
  assert.equal(
    (await runTestExchange(form)).forwarded,
    true,
    'a form of any site reaches the upstream without the policy',
  )
  const refused = await call(form)
  assert.deepEqual([refused.status, refused.code, refused.forwarded], [403, 'cors_origin_refused', false])
  assert.equal((await call({ ...form, headers: { origin: app } })).forwarded, true)
  assert.equal((await call({ ...form, headers: {} })).forwarded, true, 'programs send no origin')
  assert.equal((await call({ ...form, headers: { origin: 'null' } })).forwarded, false)
})

test('a WebSocket handshake of another page is refused, because browsers do not apply CORS to it', async () => {
  const handshake = { headers: { origin: attacker }, upgrade: 'websocket' }
  assert.equal((await runTestExchange(handshake)).forwarded, true)
  assert.equal((await call(handshake)).code, 'cors_origin_refused')
  assert.equal((await call({ ...handshake, headers: { origin: app } })).forwarded, true)
})

test('enforceOrigin: all refuses reads too, off only withholds the answer', async () => {
  const passes = async (method: string, enforceOrigin: string) =>
    (await call({ method, headers: { origin: attacker } }, { origins: [app], enforceOrigin })).forwarded
  assert.equal(await passes('GET', 'unsafe'), true)
  assert.equal(await passes('GET', 'all'), false)
  assert.equal(await passes('DELETE', 'off'), true)
})

test("pages of the API's own origin may call it", async () => {
  const passes = async (origin: string, host: string, scheme: 'http' | 'https' = 'https') =>
    (await call({ method: 'POST', headers: { origin }, host, scheme })).forwarded
  assert.equal(await passes('https://api.example.com', 'api.example.com'), true)
  assert.equal(await passes('https://api.example.com', 'api.example.com:443'), true)
  assert.equal(await passes('https://api.example.com:8443', 'api.example.com:8443'), true)
  assert.equal(await passes('https://api.example.com', 'api.example.com', 'http'), true)
  assert.equal(await passes('http://api.example.com', 'api.example.com:80', 'http'), true)
  assert.equal(await passes('http://api.example.com', 'api.example.com'), false)
  assert.equal(await passes('https://api.example.com', 'api.example.com:8443'), false)
  assert.equal(await passes('https://api.example.com.attacker.invalid', 'api.example.com'), false)
})

test('`*` gives every page the same answer without credentials', async () => {
  const open = { origins: ['*'] }
  for (const headers of [{ origin: attacker }, { origin: 'null' }, {}]) {
    const answer = await call({ headers }, open)
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    assert.equal(answer.headers.has('access-control-allow-credentials'), false)
    assert.equal(answer.headers.has('vary'), false)
  }
  assert.equal((await preflight(attacker, open)).status, 204)
  assert.equal((await call({ method: 'POST', headers: { origin: attacker } }, open)).forwarded, true)
})

test('the null origin is allowed only by its explicit switch', async () => {
  const ask = (options: object) => call({ headers: { origin: 'null' } }, { origins: [app], ...options })
  assert.equal((await ask({})).headers.has('access-control-allow-origin'), false)
  const allowed = await ask({ unsafeAllowNullOrigin: { reason: 'a sandboxed preview frame' } })
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'null')
})

test('private network access is granted only where it was switched on and asked for', async () => {
  const field = 'access-control-allow-private-network'
  const asks = { 'access-control-request-private-network': 'true' }
  assert.equal((await preflight(app, { origins: [app] }, asks)).headers.has(field), false)
  const granted = await preflight(app, { origins: [app], privateNetwork: true }, asks)
  assert.equal(granted.headers.get(field), 'true')
  assert.match(granted.headers.get('vary') ?? '', /Access-Control-Request-Private-Network/)
  assert.equal((await preflight(app, { origins: [app], privateNetwork: true })).headers.has(field), false)
})

test('observe mode records and changes nothing', async () => {
  const observe = (headers: Record<string, string>, method: string) =>
    runTestExchange({
      method,
      headers,
      upstream: reflecting,
      policies: [{ policy: cors, options: { origins: [app] }, mode: 'observe' }],
    })
  const post = await observe({ origin: attacker }, 'POST')
  assert.equal(post.forwarded, true)
  assert.deepEqual(post.exchange.observed, [{ policy: 'cors', code: 'cors_origin_refused' }])
  assert.equal(post.headers.get('access-control-allow-origin'), attacker)
  const asked = await observe({ origin: app, 'access-control-request-method': 'PUT' }, 'OPTIONS')
  assert.equal(asked.forwarded, true)
})

test('rejects bad configuration', () => {
  assert.throws(() => read({}), /origins/)
  assert.throws(() => read({ origins: [] }))
  assert.throws(() => read({ origins: ['https://app.example.com/'] }), /trailing slash/)
  assert.throws(() => read({ origins: ['null'] }), /unsafeAllowNullOrigin/)
  assert.throws(() => read({ origins: ['*'], credentials: true }), /every site/)
  assert.throws(() => read({ origins: [app, '*'], credentials: true }), /every site/)
  assert.throws(() => read({ origins: [app], credentials: true, unsafeAllowNullOrigin: { reason: 'x' } }), /every site/)
  assert.throws(() => read({ origins: [app], unsafeAllowNullOrigin: {} }))
  assert.throws(() => read({ origins: [app], allowedHeaders: ['*'] }), /name the fields/)
  assert.throws(() => read({ origins: [app], allowedHeaders: ['x y'] }))
  assert.throws(() => read({ origins: [app], methods: ['get'] }), /upper case/)
  assert.throws(() => read({ origins: [app], maxAge: '25h' }), /more than/)
  assert.throws(() => read({ origins: [app], origin: app }), /origin/)
})

test('a route may narrow what is inherited; whatever lets a page do more is looser', () => {
  const inherited = { origins: [app, 'https://*.example.org'], credentials: true, maxAge: '10m' }
  const compose = (own: object) => cors.compose(read(inherited), read({ origins: [app], ...own }))
  assert.equal(compose({}), 'tighter')
  assert.equal(compose({ origins: ['https://a.example.org', 'https://*.b.example.org'], maxAge: '1m' }), 'tighter')
  for (const own of [
    { origins: [attacker] },
    { origins: ['https://*.example.com'] },
    { origins: ['*'] },
    { maxAge: '11m' },
    { allowedHeaders: ['x-other'] },
    { exposedHeaders: ['x-other'] },
    { enforceOrigin: 'off' },
    { privateNetwork: true },
    { unsafeAllowNullOrigin: { reason: 'x' } },
  ]) {
    assert.equal(compose(own), 'looser', JSON.stringify(own))
  }
  assert.equal(cors.compose(read({ origins: [app] }), read({ origins: [app], credentials: true })), 'looser')
  assert.equal(cors.compose(read({ origins: [app], methods: ['GET'] }), read({ origins: [app] })), 'looser')
  assert.equal(cors.compose(read({ origins: ['*'] }), read({ origins: [attacker] })), 'tighter')
})

test('warns of the null origin and of pages that travel unencrypted', () => {
  const warnings = (options: object) => cors.warnings(read(options)).map(({ text }) => text)
  assert.deepEqual(warnings({ origins: [app, 'http://localhost:5173', 'http://127.0.0.1:3000'] }), [])
  assert.match(warnings({ origins: ['http://intranet.example.com'] })[0] ?? '', /unencrypted/)
  const nullOrigin = read({ origins: [app], unsafeAllowNullOrigin: { reason: 'preview' } })
  assert.equal(cors.warnings(nullOrigin)[0]?.reason, 'preview')
})

for (const [name, options] of Object.entries({
  exact: { origins: [app] },
  pattern: { origins: ['https://*.example.com'], credentials: true },
  'with a port': { origins: ['http://localhost:5173'] },
  wildcard: { origins: ['*'] },
  'enforced on all': { origins: [app], enforceOrigin: 'all' },
})) {
  test(`probes pass with the policy and fail without it: ${name}`, async () => {
    for (const method of ['GET', 'POST']) {
      const run = { policy: cors, options, method, request: { upstream: reflecting } }
      const on = await runProbes({ ...run, enforced: true })
      assert.deepEqual(
        on.filter(({ failure }) => failure !== null),
        [],
      )
      const off = await runProbes({ ...run, enforced: false })
      assert.ok(
        off.length > 0 && off.every(({ failure, kind }) => failure !== null || kind === 'honest'),
        JSON.stringify(off),
      )
      assert.ok(off.some(({ failure }) => failure !== null))
    }
  })
}
