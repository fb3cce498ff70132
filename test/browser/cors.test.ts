import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, beforeEach } from 'node:test'
import { roleLookupPort } from '../../src/stores/ports/role-store.ts'
import { openTestKeys } from '../support/api-keys.ts'
import { createBrowserTest, fetchIn, type PageRequest, readIn } from '../support/browser.ts'
import { TestRoles } from '../support/roles.ts'
import { startSite, type TestSite } from '../support/site.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const api = 'https://api.example.test'
const app = 'https://app.example.test'
const admin = 'https://admin.example.test'
const remote = 'https://remote.example.test'

const answer = (...[request, response, body]: [...Parameters<RequestListener>, Buffer]) => {
  const { url, headers } = request
  if (url === '/shop/login') response.setHeader('set-cookie', 'session=alice; Path=/; Secure')
  if (url?.endsWith('/catalogue')) {
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('access-control-allow-origin', headers.origin ?? '*')
  }
  response.setHeader('x-shown', 'yes')
  response.setHeader('x-hidden', 'yes')
  response.end(JSON.stringify({ cookie: headers.cookie, custom: headers['x-custom'], body: `${body}` }))
}

const policyFile = (upstream: string) => `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev } }
log: { level: silent }
upstreams:
  shop: { targets: ["${upstream}"] }
  gone: { targets: ["http://127.0.0.1:1"], retries: 0 }
defaults:
  cors:
    origins: ["${app}", "${admin}", "${remote}"]
    credentials: true
    allowedHeaders: [x-custom, x-api-key]
    exposedHeaders: [x-shown, ratelimit, ratelimit-policy, retry-after]
routes:
  - { path: "/shop/{path*}", methods: [GET, POST, PUT], access: public, reason: a test, upstream: shop }
  - path: /bare/{path*}
    access: public
    reason: a test
    upstream: shop
    exempt: [{ policy: cors, reason: shows what happens without }]
  - path: /without-cookies
    access: public
    reason: a test
    upstream: shop
    cors: { origins: ["${app}"], credentials: false }
  - path: /everybody
    access: public
    reason: a test
    upstream: shop
    loosen: { cors: { origins: ["*"], credentials: false, reason: a test } }
  - path: /unremembered
    access: public
    reason: a test
    upstream: shop
    cors: { origins: ["${app}"], maxAge: 0s }
  - { path: /customers, methods: [GET], upstream: shop, authenticate: [apiKey], authorize: { roles: [customer] } }
  - { path: /limited, access: public, reason: a test, upstream: shop, rateLimit: { limit: 1/h, name: hourly } }
  - { path: /small, access: public, reason: a test, upstream: shop, bodyLimits: { maxBytes: 1KiB } }
  - { path: /gone, access: public, reason: a test, upstream: gone }
`

const stack = new AsyncDisposableStack()
let web: TestWeb
/** A page on the internet, as far as the browser knows; all others are on this machine, as the gateway is. */
let remoteSite: TestSite
let keys: { readonly customer: string; readonly visitor: string }

before(async () => {
  const store = await openTestKeys()
  stack.defer(() => store.close())
  keys = {
    customer: (await store.issue({ roles: ['customer'] })).text,
    visitor: (await store.issue({ roles: ['visitor'] })).text,
  }
  web = await startWeb({ answer, policyFile, ports: [...store.ports, [roleLookupPort, new TestRoles()]] })
  stack.defer(() => web.close())
  remoteSite = await startSite(web.certificate)
  stack.defer(() => remoteSite.close())
})
after(() => stack.disposeAsync())
beforeEach(() => {
  web.upstream.seen.length = 0
  web.gateway.records.length = 0
})

const browserTest = createBrowserTest(() => ({
  ...web,
  ports: { 'remote.example.test:443': remoteSite.httpsPort, ...web.ports },
  switches: [`--ip-address-space-overrides=127.0.0.1:${remoteSite.httpsPort}=public`],
}))

const recordedMethods = () => web.gateway.records.map(({ exchange }) => exchange.method)
const withCookies = { credentials: 'include' } as const
const custom = { method: 'PUT', headers: { 'x-custom': '1' } }

browserTest('a listed page reads answers, sends cookies, and its own methods and fields', async ({ open }) => {
  const page = await open(app)
  await readIn(page, `${api}/shop/login`, withCookies)
  const read = await readIn(page, `${api}/shop/orders`, withCookies)
  assert.deepEqual(JSON.parse(read.body), { cookie: 'session=alice', body: '' })
  assert.deepEqual([read.headers['x-shown'], read.headers['x-hidden']], ['yes', undefined])
  const changed = await readIn(page, `${api}/shop/orders`, { ...custom, ...withCookies, body: 'two' })
  assert.deepEqual(JSON.parse(changed.body), { cookie: 'session=alice', custom: '1', body: 'two' })
  assert.deepEqual(recordedMethods(), ['GET', 'GET', 'OPTIONS', 'PUT'])
  assert.ok(
    web.upstream.seen.every(({ method }) => method !== 'OPTIONS'),
    'preflights stay here',
  )
})

browserTest('a field that was not granted keeps the browser from calling at all', async ({ open }) => {
  const page = await open(app)
  assert.equal(await fetchIn(page, `${api}/shop/fields`, { headers: { 'x-other': '1' } }), null)
  assert.deepEqual(recordedMethods(), ['OPTIONS'])
  assert.equal((await readIn(page, `${api}/shop/fields`, { headers: { 'x-custom': '1' } })).status, 200)
})

browserTest('cookies go only where credentials are allowed', async ({ open }) => {
  const page = await open(app)
  await readIn(page, `${api}/shop/login`, withCookies)
  for (const path of ['/without-cookies', '/everybody']) {
    assert.equal(await fetchIn(page, api + path, withCookies), null)
    assert.deepEqual(JSON.parse((await readIn(page, api + path)).body), { body: '' })
  }
  const anybody = await open('https://elsewhere.test')
  assert.equal((await readIn(anybody, `${api}/everybody`, custom)).status, 200)
  assert.equal(await fetchIn(anybody, `${api}/everybody`, withCookies), null)
})

browserTest('refusals can be read, with the problem and the fields that say when to come back', async ({ open }) => {
  const page = await open(app)
  const withKey = (key: string) => ({ headers: { 'x-api-key': key } })
  await readIn(page, `${api}/limited`)
  const cases: [path: string, init: PageRequest, status: number, type: string][] = [
    ['/customers', {}, 401, 'unauthenticated'],
    ['/customers', withKey('no key'), 401, 'unauthenticated'],
    ['/customers', withKey(keys.visitor), 403, 'forbidden'],
    ['/customers', { method: 'PUT' }, 405, 'method-not-allowed'],
    ['/unknown', {}, 404, 'not-found'],
    ['/small', { method: 'POST', body: 'x'.repeat(1025) }, 413, 'content-too-large'],
    ['/shop/orders', { headers: { 'x-custom': 'x'.repeat(17_000) } }, 431, 'headers-too-large'],
    ['/limited', {}, 429, 'rate-limited'],
    ['/gone', {}, 502, 'bad-gateway'],
  ]
  for (const [path, init, status, type] of cases) {
    const answer = await readIn(page, api + path, init)
    assert.equal(answer.status, status, path)
    assert.equal(answer.headers['content-type'], 'application/problem+json')
    const problem = JSON.parse(answer.body)
    assert.equal(problem.type, `urn:problem-type:${type}`)
    assert.equal(problem.instance, web.gateway.records.at(-1)?.exchange.id, 'the request id')
    if (status !== 429) continue
    assert.match(answer.headers['retry-after'] ?? '', /^3\d{3}$/)
    assert.match(answer.headers.ratelimit ?? '', /^"hourly";r=0;t=3\d{3}$/)
    assert.equal(answer.headers['ratelimit-policy'], '"hourly";q=1;w=3600')
  }
  assert.equal((await readIn(page, `${api}/customers`, withKey(keys.customer))).status, 200)
})

browserTest('an upload that is refused on its way can be read as such', async ({ open }) => {
  const page = await open(app)
  const answer = await page.evaluate(async (url) => {
    const response = await fetch(url, { method: 'POST', body: new Blob([new Uint8Array(8_000_000)]) })
    return { status: response.status, body: await response.text() }
  }, `${api}/small`)
  assert.equal(answer.status, 413)
  assert.match(answer.body, /urn:problem-type:content-too-large/)
})

browserTest('a preflight is remembered for as long as the policy says', async ({ open }) => {
  const page = await open(app)
  for (const path of ['/shop/remembered', '/shop/remembered', '/unremembered', '/unremembered']) {
    await readIn(page, api + path, custom)
  }
  assert.deepEqual(recordedMethods(), ['OPTIONS', 'PUT', 'PUT', 'OPTIONS', 'PUT', 'OPTIONS', 'PUT'])
})

browserTest('a cache keeps the answers for two origins apart', async ({ open }) => {
  const first = await open(app)
  const second = await open(admin)
  const statuses = async (path: string) => {
    const answers: (number | undefined)[] = []
    for (const page of [first, second, second]) answers.push((await fetchIn(page, api + path))?.status)
    return answers
  }
  assert.deepEqual(await statuses('/bare/catalogue'), [200, undefined, undefined], 'it gets what the other may read')
  assert.equal(web.upstream.seen.length, 1)
  web.upstream.seen.length = 0
  assert.deepEqual(await statuses('/shop/catalogue'), [200, 200, 200])
  assert.equal(web.upstream.seen.length, 2, 'the third came from the cache')
})

browserTest(
  'before it calls a private address, a browser asks the user, not the gateway',
  async ({ context, open }) => {
    const page = await open(remote)
    await context.grantPermissions([], { origin: remote })
    assert.equal(await fetchIn(page, `${api}/shop/orders`, custom), null)
    assert.equal(web.gateway.records.length, 0)
    await context.grantPermissions(['local-network-access'], { origin: remote })
    assert.equal((await readIn(page, `${api}/shop/orders`, custom)).status, 200)
    const [preflight] = web.gateway.records
    assert.equal(preflight?.exchange.headers.has('access-control-request-private-network'), false)
  },
)
