import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { findFreePort } from '../support/free-port.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { startOidcIssuer, type TestOidcIssuer } from '../support/oidc-issuer.ts'
import { navigation, requestPlainly, script } from '../support/raw-request.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

/** So short that tests see tokens end. */
const accessTokenSeconds = 3
let issuer: TestOidcIssuer
let gateways: ServedGateway[] = []
let upstream: TestUpstreamServer
let origins: string[] = []

before(async () => {
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  upstream = await startUpstreamServer()
  origins = [`http://127.0.0.1:${await findFreePort()}`, `http://127.0.0.1:${await findFreePort()}`]
  const [origin = ''] = origins
  issuer = await startOidcIssuer({
    redirectUris: [`${origin}/auth/callback`],
    postLogoutRedirectUris: [`${origin}/`],
    accessTokenSeconds,
  })
  process.env.TEST_CLIENT_SECRET = issuer.client.secret
  // Two instances on one store.
  const first = await serveGateway(toFile(origin, origin))
  gateways = [first]
  gateways.push(
    await serveGateway(`${toFile(origins[1] ?? '', origin)}data: sqlite:${first.folder}/data/portcullis.db\n`),
  )
})
beforeEach(() => {
  issuer.state.down = false
  issuer.state.slowMs = 0
  issuer.asked.length = 0
})
after(async () => {
  for (const gateway of gateways) await gateway.stop()
  await upstream?.close()
  await issuer?.close()
})

/** Goes from origin to origin as a browser does; cookies of the one are none of the other. */
async function logIn(to = '/api/orders'): Promise<LoginBrowser> {
  const [origin = ''] = origins
  const [browser, atIssuer] = [new LoginBrowser(), new LoginBrowser()]
  const begun = await browser.request(`${origin}/auth/login?to=${encodeURIComponent(to)}`)
  const back = await atIssuer.follow(begun.headers.get('location') as string)
  const end = await browser.follow(back.url)
  assert.equal(end.url, origin + to, await end.response.text())
  return browser
}

const cookieOf = (browser: LoginBrowser) => `__Host-session=${browser.cookies.get('__Host-session')?.value}`
const call = (browser: LoginBrowser, at = 0, path = '/api/orders') =>
  requestPlainly(`${origins[at]}${path}`, { ...script, cookie: cookieOf(browser) })
const refreshes = () => issuer.asked.filter(({ grant }) => grant === 'refresh_token')

test('a person logs in at another issuer; claims are read as the file says', async () => {
  const browser = await logIn('/api/orders?page=1')
  const answer = await call(browser)
  assert.equal(answer.status, 200, answer.body)
  const { headers } = JSON.parse(answer.body) as { headers: Record<string, string> }
  assert.match(headers.authorization ?? '', /^Bearer [\w-]{43}$/)
  const me = await call(browser, 0, '/auth/me')
  const { sub, name, email, roles } = JSON.parse(me.body) as Record<string, unknown>
  assert.deepEqual([sub, name, email, roles], ['carol', 'Carol Reed', 'carol@example.test', ['customer']])
  assert.equal((await call(browser, 1)).status, 200, 'the other instance knows the session')
})

test('of many requests with a token that has ended, on two instances, one refreshes', async () => {
  const browser = await logIn()
  for (let round = 1; round <= 3; round++) {
    await sleep(accessTokenSeconds * 1000)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => call(browser, i % 2)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      answers.map(() => 200),
    )
    const tokens = new Set(answers.map(({ body }) => JSON.parse(body).headers.authorization as string))
    assert.equal(tokens.size, 1)
    assert.equal(refreshes().length, round)
  }
  assert.ok(refreshes().every(({ status }) => status === 200))
})

test('without the lease, two that refresh at once end the login', async () => {
  // What the lease is for: the issuer takes the second use of a refresh token for theft.
  const [origin = ''] = origins
  const verifier = randomBytes(32).toString('base64url')
  const { createHash } = await import('node:crypto')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = new URLSearchParams({
    client_id: issuer.client.id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${origin}/auth/callback`,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  const { url } = await new LoginBrowser().follow(`${issuer.issuer}/auth?${query}`)
  const authorization = `Basic ${Buffer.from(`${issuer.client.id}:${issuer.client.secret}`).toString('base64')}`
  const ask = async (fields: Record<string, string>) => {
    const body = new URLSearchParams(fields)
    const answer = await fetch(`${issuer.issuer}/token`, { method: 'POST', headers: { authorization }, body })
    return { status: answer.status, ...((await answer.json()) as { refresh_token: string }) }
  }
  const code = new URL(url).searchParams.get('code') as string
  const redirect = { redirect_uri: `${origin}/auth/callback`, code_verifier: verifier }
  const { refresh_token: shared } = await ask({ grant_type: 'authorization_code', code, ...redirect })
  const use = (refresh_token: string) => ask({ grant_type: 'refresh_token', refresh_token })
  const first = await use(shared)
  assert.equal((await use(shared)).status, 400)
  assert.equal((await use(first.refresh_token)).status, 400)
})

test('a session outlives an issuer that is away, as long as its token lives', async () => {
  const browser = await logIn()
  issuer.state.down = true
  assert.equal((await call(browser)).status, 200)
  await sleep(accessTokenSeconds * 1000)
  assert.equal((await call(browser)).status, 503)
  issuer.state.down = false
  await eventually('it goes on', async () => (await call(browser)).status === 200, 5000)
})

test('a grant that the issuer ended ends the session', async () => {
  const browser = await logIn()
  await issuer.revokeAll()
  await sleep(accessTokenSeconds * 1000)
  const answer = await call(browser)
  assert.equal(answer.status, 401)
  assert.match(String(answer.headers['set-cookie']), /__Host-session=; Max-Age=0/)
  const page = await requestPlainly(`${origins[0]}/api/orders`, { ...navigation, cookie: cookieOf(browser) })
  assert.deepEqual([page.status, page.headers.location], [303, '/auth/login?to=%2Fapi%2Forders'])
})

test('a token is renewed ahead of its end, and nobody waits', async () => {
  const browser = await logIn()
  await sleep(accessTokenSeconds * 1000 * 0.82 - 300)
  issuer.state.slowMs = 300
  const before = performance.now()
  while (refreshes().length === 0 && performance.now() - before < 3000) {
    const at = performance.now()
    assert.equal((await call(browser)).status, 200)
    if (refreshes().length === 0) assert.ok(performance.now() - at < 280, 'it waited for the issuer')
    await sleep(20)
  }
  assert.equal(refreshes().length, 1)
})

test('a logout while tokens are being refreshed leaves none behind', async () => {
  const browser = await logIn()
  await sleep(accessTokenSeconds * 1000)
  issuer.state.slowMs = 300
  const pending = call(browser)
  await sleep(100)
  const headers = {
    ...navigation,
    'sec-fetch-site': 'same-origin',
    origin: String(origins[0]),
    cookie: cookieOf(browser),
  }
  const answer = await requestPlainly(`${origins[0]}/auth/logout`, headers, 'POST')
  assert.equal(answer.status, 303)
  assert.equal((await pending).status, 401)
  assert.equal((await call(browser)).status, 401)
})

test('a logout goes to the issuer with the ID token as a hint', async () => {
  const browser = await logIn()
  const headers = {
    ...navigation,
    'sec-fetch-site': 'same-origin',
    origin: String(origins[0]),
    cookie: cookieOf(browser),
  }
  const answer = await requestPlainly(`${origins[0]}/auth/logout`, headers, 'POST')
  const location = new URL(String(answer.headers.location))
  assert.equal(location.origin, issuer.issuer)
  assert.match(location.searchParams.get('id_token_hint') ?? '', /^eyJ/)
  assert.equal(location.searchParams.get('post_logout_redirect_uri'), `${origins[0]}/`)
  assert.equal((await call(browser)).status, 401)
})

test('while the issuer is away, nobody logs in, and the answer says so', async () => {
  const [origin = ''] = origins
  const browser = new LoginBrowser()
  const begun = await browser.request(`${origin}/auth/login`)
  const back = await new LoginBrowser().follow(begun.headers.get('location') as string)
  issuer.state.down = true
  assert.equal((await browser.request(back.url)).status, 503)
  assert.ok(!browser.cookies.has('__Host-session'))
})

test('tokens lie in the store encrypted, and are not in the log', async () => {
  const browser = await logIn()
  const { body } = await call(browser)
  const [, token = ''] = (JSON.parse(body).headers.authorization as string).split(' ')
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(`${gateways[0]?.folder}/data/portcullis.db`, { readOnly: true })
  const rows = db.prepare("select * from artefacts where kind like 'Browser%'").all()
  db.close()
  assert.ok(rows.length > 0)
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(`${token}|eyJ|carol`))
  for (const gateway of gateways) {
    assert.ok(!gateway.output().includes(token))
    assert.doesNotMatch(gateway.output(), /eyJ|__Host-session=[\w-]/)
  }
})

function toFile(at: string, origin: string): string {
  return `version: 1
listen: { http: { host: 127.0.0.1, port: ${new URL(at).port}, serve: true, reason: a test } }
server: { workers: 2 }
upstreams: { api: { targets: ['${upstream.url}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
sessions: { unsafePlainHttp: { reason: a test } }
defaults:
  rateLimit: { limit: 100000/min, per: ip }
  browserLogin:
    issuer: ${issuer.issuer}
    client: { id: portcullis, secret: env:TEST_CLIENT_SECRET }
    origin: ${origin}
    scopes: [email]
    rolesClaim: groups
    rolesMap: { buyers: customer }
    allowPlainHttp: { reason: a test }
    allowPrivateAddress: { reason: a test }
routes:
  - { path: '/api/{path*}', upstream: api, authenticate: [browserLogin], authorize: { roles: [customer] } }
`
}
