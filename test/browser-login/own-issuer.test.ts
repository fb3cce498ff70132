import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { findFreePort } from '../support/free-port.ts'
import { createAccount, password } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { navigation, requestPlainly, script } from '../support/raw-request.ts'
import { runCli } from '../support/run-cli.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const login = { username: 'alice', password }
let gateway: ServedGateway
let upstream: TestUpstreamServer
let origin = ''

before(async () => {
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  upstream = await startUpstreamServer()
  origin = `http://127.0.0.1:${await findFreePort()}`
  gateway = await serveGateway(toFile(origin, upstream.url))
  await createAccount(gateway.folder)
})
after(async () => {
  await gateway?.stop()
  await upstream?.close()
})

const sessionOf = (browser: LoginBrowser) => `__Host-session=${browser.cookies.get('__Host-session')?.value}`

async function logIn(to = '/api/orders'): Promise<LoginBrowser> {
  const browser = new LoginBrowser()
  const end = await browser.logIn(`${origin}/auth/login?to=${encodeURIComponent(to)}`, login)
  assert.equal(end, origin + to)
  return browser
}

const call = (browser: LoginBrowser, path = '/api/orders', headers = {}) =>
  requestPlainly(origin + path, { ...script, cookie: sessionOf(browser), ...headers })

test('a person is sent to the login and comes back; the upstream gets the token, the browser does not', async () => {
  const page = await requestPlainly(`${origin}/api/orders?page=2&q=a%20b`, navigation)
  assert.equal(page.status, 303)
  assert.equal(page.headers.location, `/auth/login?to=${encodeURIComponent('/api/orders?page=2&q=a%20b')}`)
  assert.equal(page.body, '')

  const browser = await logIn('/api/orders?page=2&q=a%20b')
  upstream.seen.length = 0
  const answer = await call(browser)
  assert.equal(answer.status, 200, answer.body)
  const { headers } = JSON.parse(answer.body) as { headers: Record<string, string> }
  assert.equal(headers.cookie, undefined)
  const [, claims = ''] = headers.authorization?.slice('Bearer '.length).split('.') ?? []
  const token = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  assert.deepEqual(
    [token.iss, token.sub, token.scope, token.roles],
    [`${origin}/identity`, 'account-alice', 'openid profile orders:read', ['customer']],
  )
  const [, told = ''] = headers['portcullis-identity']?.split('.') ?? []
  const identity = JSON.parse(Buffer.from(told, 'base64url').toString()) as Record<string, unknown>
  assert.deepEqual(
    [identity.sub, identity.roles, identity.scope],
    ['account-alice', ['customer'], 'openid profile orders:read'],
  )
})

test('a page that asks for two factors leads to a login that asks for them', async () => {
  const browser = await logIn()
  assert.equal((await call(browser, '/fresh')).status, 200, 'the login is new')
  const strong = await call(browser, '/strong')
  assert.equal(strong.status, 401)
  const answer = await requestPlainly(`${origin}/strong`, { ...navigation, cookie: sessionOf(browser) })
  assert.equal(answer.headers.location, '/auth/login?to=%2Fstrong&acr_values=aal2')
  const { url } = await browser.follow(origin + answer.headers.location)
  assert.match(url, /\/identity\/login\/[^/]+\/enrol$/, 'they have none yet')
})

test('an API call without a session is refused as one', async () => {
  const answer = await requestPlainly(`${origin}/api/orders`, script)
  assert.equal(answer.status, 401)
  assert.match(String(answer.headers['content-type']), /problem\+json/)
  const posted = await requestPlainly(`${origin}/api/orders`, navigation, 'POST')
  assert.equal(posted.status, 401, 'a form cannot be sent again')
})

test('the page is told who is logged in, and nothing else', async () => {
  const browser = await logIn()
  const answer = await requestPlainly(`${origin}/auth/me`, { ...script, cookie: sessionOf(browser) })
  assert.equal(answer.status, 200)
  assert.doesNotMatch(answer.body, /eyJ/)
  const { sub, roles, preferred_username: name } = JSON.parse(answer.body) as Record<string, unknown>
  assert.deepEqual([sub, roles, name], ['account-alice', ['customer'], 'alice'])
  assert.equal((await requestPlainly(`${origin}/auth/me`, script)).status, 401)
})

test('what the browser says in Authorization does not reach the upstream', async () => {
  const browser = await logIn()
  const { body } = await call(browser, '/api/orders', { authorization: 'Bearer forged' })
  assert.doesNotMatch(body, /forged/)
})

test('an access token that must not leave does not', async () => {
  const { body } = await call(await logIn(), '/quiet/orders')
  assert.doesNotMatch(body, /"authorization"/)
  assert.match(body, /"portcullis-identity"/)
})

test('a logout at the identity server ends the session here', async () => {
  const browser = await logIn()
  assert.equal((await call(browser)).status, 200)
  const page = await browser.follow(`${origin}/identity/logout`)
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await page.response.text()) ?? []
  const { response } = await browser.submit(`${origin}/identity/logout/confirm`, { xsrf, logout: 'yes' })
  assert.ok(response.status < 400)
  await eventually('it ended', async () => (await call(browser)).status === 401, 1500)
})

test('a logout ends the session, then the tokens, then the login at the issuer', async () => {
  const browser = await logIn()
  const cookie = sessionOf(browser)
  const { body } = await call(browser)
  const { authorization } = (JSON.parse(body) as { headers: Record<string, string> }).headers
  const bearer = { authorization: String(authorization) }
  assert.equal((await requestPlainly(`${origin}/bearer/orders`, bearer)).status, 200)
  const headers = { ...navigation, 'sec-fetch-site': 'same-origin', origin, cookie }
  const answer = await requestPlainly(`${origin}/auth/logout`, headers, 'POST')
  assert.equal(answer.status, 303)
  const location = new URL(String(answer.headers.location))
  assert.equal(location.pathname, '/identity/logout')
  assert.equal(location.searchParams.get('post_logout_redirect_uri'), `${origin}/`)
  assert.doesNotMatch(location.href, /eyJ/)
  assert.match(String(answer.headers['set-cookie']), /__Host-session=; Max-Age=0/)
  await eventually('the session ended', async () => (await call(browser)).status === 401, 1000)
  const revoked = async () => (await requestPlainly(`${origin}/bearer/orders`, bearer)).status === 401
  await eventually('the token ended', revoked, 1500)
})

test('a script that logs out gets no address with a token in it', async () => {
  const browser = await logIn()
  const answer = await requestPlainly(`${origin}/auth/logout`, { ...script, cookie: sessionOf(browser) }, 'POST')
  assert.deepEqual([answer.status, answer.body, answer.headers.location], [204, '', undefined])
})

test('an answer of the issuer is good in the browser that asked, and once', async () => {
  const [mallory, victim] = [new LoginBrowser(), new LoginBrowser()]
  // Stops where the browser would be sent back: the attacker keeps that address for somebody else.
  const planted = await interrupt(mallory)
  await victim.request(`${origin}/auth/login`)
  for (const browser of [victim, new LoginBrowser()]) {
    const answer = await browser.request(planted)
    assert.equal(answer.status, 403)
    assert.ok(!browser.cookies.has('__Host-session'))
  }
  assert.equal((await mallory.request(planted)).status, 303)
  assert.ok(mallory.cookies.has('__Host-session'))
  assert.equal((await mallory.request(planted)).status, 403)
})

test('answers that were changed on the way are refused', async () => {
  for (const change of ['iss', 'code', 'state'] as const) {
    const browser = new LoginBrowser()
    const url = new URL(await interrupt(browser))
    url.searchParams.set(change, change === 'iss' ? 'https://attacker.example/' : 'changed')
    assert.equal((await browser.request(url.href)).status, 403, change)
    assert.ok(!browser.cookies.has('__Host-session'))
  }
})

test('a login never ends at another host, or in a circle', async () => {
  for (const to of [
    'https://attacker.example/',
    '//attacker.example/',
    '/\\attacker.example',
    '/auth/login',
    '\t//a',
    '',
  ]) {
    const browser = new LoginBrowser()
    const end = await browser.logIn(`${origin}/auth/login?to=${encodeURIComponent(to)}`, login)
    assert.equal(end, `${origin}/home`, to)
  }
})

test('a session from before the login is worth nothing after it', async () => {
  const browser = await logIn()
  const before = sessionOf(browser)
  await browser.follow(`${origin}/auth/login?to=/api/orders`)
  assert.notEqual(sessionOf(browser), before)
  const isOver = async () => {
    return (await requestPlainly(`${origin}/api/orders`, { ...script, cookie: before })).status === 401
  }
  await eventually('every thread has heard of it', isOver, 1000)
  assert.equal((await call(browser)).status, 200)
})

test('the cookie is for this host and no script; nothing of it is for pages of other origins', async () => {
  const browser = new LoginBrowser()
  const url = await interrupt(browser)
  const cookies = (await browser.request(url)).headers.getSetCookie()
  assert.match(String(cookies), /^__Host-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
  for (const path of ['/auth/login', '/auth/callback', '/auth/me', '/identity/authorize']) {
    const headers = { ...script, 'sec-fetch-site': 'cross-site', origin: 'https://app.example.test' }
    const answer = await requestPlainly(origin + path, headers)
    assert.equal(answer.headers['access-control-allow-origin'], undefined, path)
    const preflight = { ...headers, 'access-control-request-method': 'GET' }
    const asked = await requestPlainly(origin + path, preflight, 'OPTIONS')
    assert.equal(asked.headers['access-control-allow-origin'], undefined, path)
  }
  const api = await requestPlainly(`${origin}/open`, { ...script, origin: 'https://app.example.test' })
  assert.equal(api.headers['access-control-allow-origin'], 'https://app.example.test')
})

test('what changes something must come from a page of our own', async () => {
  const cookie = sessionOf(await logIn())
  const send = async (headers: Record<string, string>) =>
    (await requestPlainly(`${origin}/api/orders`, { cookie, ...headers }, 'POST', '{}')).status
  assert.equal(await send({ ...script, origin }), 200)
  assert.equal(await send({ ...script, 'sec-fetch-site': 'cross-site', origin: 'https://attacker.example' }), 403)
  assert.equal(await send({ ...script, 'sec-fetch-site': 'same-site', origin: 'https://attacker.example' }), 403)
  assert.equal(await send({}), 403)
})

test('a revoked grant ends the session within a second, and so does the end of a session', async () => {
  for (const args of [
    ['tokens', 'revoke', '--issuer', 'identity', '--subject', 'account-alice'],
    ['sessions', 'revoke', '--principal', 'account-alice'],
  ]) {
    const browser = await logIn()
    assert.equal((await call(browser)).status, 200)
    const { status, stdout, stderr } = await runCli(gateway.folder, ...args)
    assert.equal(status, 0, stdout + stderr)
    await eventually(args.join(' '), async () => (await call(browser)).status === 401, 1500)
    // Last of all tests: tokens of the second in which something was revoked are not told from those before.
    await new Promise((resolve) => setTimeout(resolve, 1100))
  }
})

/** A login up to the address at which it would come back. */
async function interrupt(browser: LoginBrowser): Promise<string> {
  const { url } = await browser.follow(`${origin}/auth/login`)
  let answer = await browser.request(url, {
    method: 'POST',
    body: new URLSearchParams(login).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' },
  })
  for (;;) {
    const next = new URL(answer.headers.get('location') as string, url)
    if (next.pathname === '/auth/callback') return next.href
    answer = await browser.request(next.href)
  }
}

function toFile(at: string, target: string): string {
  return `version: 1
listen: { http: { host: 127.0.0.1, port: ${new URL(at).port}, serve: true, reason: a test } }
server: { workers: 2 }
upstreams: { api: { targets: ['${target}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
sessions: { unsafePlainHttp: { reason: a test } }
identity: { issuer: ${at}/identity }
defaults:
  cors: { origins: ['https://app.example.test'] }
  rateLimit: { limit: 100000/min, per: ip }
  browserLogin: { issuer: identity, scopes: ['orders:read'], afterLogin: /home }
routes:
  - { path: '/api/{path*}', upstream: api, authenticate: [browserLogin], authorize: { scopes: ['orders:read'] } }
  - { path: '/quiet/{path*}', upstream: api, authenticate: [browserLogin], browserLogin: { attach: none } }
  - { path: /fresh, upstream: api, authenticate: [browserLogin], stepUp: { maxAge: 10m } }
  - { path: /strong, upstream: api, authenticate: [browserLogin], stepUp: { acr: aal2 } }
  - { path: '/bearer/{path*}', upstream: api, authenticate: [jwt] }
  - { paths: [/home, /open], upstream: api, access: public, reason: a page of the application }
`
}
