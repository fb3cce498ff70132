import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { navigation, requestPlainly } from '../support/raw-request.ts'
import { serveTwoApplications, type TwoApplications } from '../support/two-applications.ts'

let served: TwoApplications

before(async () => {
  served = await serveTwoApplications()
})
beforeEach(() => {
  const { state, asked } = served.issuer
  Object.assign(state, { down: false, slowMs: 0 })
  asked.length = 0
})
after(() => served?.stop())

const tokenEnds = () => sleep(served.lifetimeMs)

test('a person logs in at another issuer; claims are read as the file says', async () => {
  const browser = await served.logIn('/api/orders?page=1')
  const answer = await served.call(browser)
  assert.equal(answer.status, 200, answer.body)
  const { headers } = JSON.parse(answer.body) as { headers: Record<string, string> }
  assert.match(headers.authorization ?? '', /^Bearer [\w-]{43}$/)
  const me = await served.call(browser, 0, '/auth/me')
  const { sub, name, email, roles } = JSON.parse(me.body) as Record<string, unknown>
  assert.deepEqual([sub, name, email, roles], ['carol', 'Carol Reed', 'carol@example.test', ['customer']])
  assert.equal((await served.call(browser, 1)).status, 200, 'the other instance knows the session')
})

test('of many requests with a token that has ended, on two instances, one refreshes', async () => {
  const browser = await served.logIn()
  for (let round = 1; round <= 2; round++) {
    await tokenEnds()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => served.call(browser, i % 2)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      answers.map(() => 200),
    )
    assert.equal(new Set(answers.map(({ body }) => JSON.parse(body).headers.authorization)).size, 1)
    assert.deepEqual(served.refreshes(), Array(round).fill(200))
  }
})

test('without a lease, two that refresh at once end the login', async () => {
  // What the lease is for: the issuer takes the second use of a refresh token for theft.
  const { issuer, client } = served.issuer
  const redirect = { redirect_uri: `${served.origins[0]}/auth/callback` }
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    ...redirect,
    client_id: client.id,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const { url } = await new LoginBrowser().follow(`${issuer}/auth?${query}`)
  const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
  const ask = async (fields: Record<string, string>) => {
    const body = new URLSearchParams(fields)
    const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization }, body })
    return { status: answer.status, ...((await answer.json()) as { refresh_token: string }) }
  }
  const code = new URL(url).searchParams.get('code') as string
  const { refresh_token: shared } = await ask({
    grant_type: 'authorization_code',
    code,
    ...redirect,
    code_verifier: verifier,
  })
  const use = (refresh_token: string) => ask({ grant_type: 'refresh_token', refresh_token })
  const first = await use(shared)
  assert.deepEqual([first.status, (await use(shared)).status], [200, 400])
  assert.equal((await use(first.refresh_token)).status, 400)
})

test('a session outlives an issuer that is away, as long as its token lives', async () => {
  const browser = await served.logIn()
  served.issuer.state.down = true
  assert.equal((await served.call(browser)).status, 200)
  await tokenEnds()
  assert.equal((await served.call(browser)).status, 503)
  served.issuer.state.down = false
  await eventually('it goes on', async () => (await served.call(browser)).status === 200, 10_000)
})

test('a grant that the issuer ended ends the session', async () => {
  const browser = await served.logIn()
  await served.issuer.revokeAll()
  await tokenEnds()
  const answer = await served.call(browser)
  assert.equal(answer.status, 401)
  assert.match(String(answer.headers['set-cookie']), /__Host-session=; Max-Age=0/)
  const page = await requestPlainly(`${served.origins[0]}/api/orders`, navigation)
  assert.deepEqual([page.status, page.headers.location], [303, '/auth/login?to=%2Fapi%2Forders'])
})

test('a logout while tokens are being refreshed leaves none behind', async () => {
  const before = countRows("kind = 'BrowserTokens'")
  const browser = await served.logIn()
  await tokenEnds()
  served.issuer.state.slowMs = 1000
  const pending = served.call(browser)
  await sleep(200)
  assert.equal((await served.logOut(browser)).status, 303)
  assert.equal((await pending).status, 401)
  assert.equal((await served.call(browser)).status, 401)
  assert.equal(countRows("kind = 'BrowserTokens'"), before)
})

test('a logout goes to the issuer with the ID token as a hint', async () => {
  const browser = await served.logIn()
  const answer = await served.logOut(browser)
  const location = new URL(String(answer.headers.location))
  assert.equal(location.origin, served.issuer.issuer)
  assert.match(location.searchParams.get('id_token_hint') ?? '', /^eyJ/)
  assert.equal(location.searchParams.get('post_logout_redirect_uri'), `${served.origins[0]}/`)
  assert.equal((await served.call(browser)).status, 401)
})

test('an issuer that ends a login ends its sessions here, and nobody else does', async () => {
  const atIssuer = new LoginBrowser()
  const [first, second] = [await served.logIn('/api/orders', atIssuer), await served.logIn('/api/orders', atIssuer)]
  const other = await served.logIn()
  const { sid, idToken } = await readIdToken(first)
  assert.equal((await served.call(second)).status, 200)

  const send = (token: string) =>
    fetch(`${served.origins[0]}/auth/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    })
  for (const token of ['', 'a.b.c', idToken]) assert.equal((await send(token)).status, 400)
  assert.equal((await served.call(second)).status, 200)

  await tellOfLogout(sid)
  await eventually('it ended', async () => (await served.call(second, 1)).status === 401, 2000)
  assert.equal((await served.call(other)).status, 200)
})

test('a login that its issuer ends on the way back begins no session', async () => {
  const atIssuer = new LoginBrowser()
  const first = await served.logIn('/api/orders', atIssuer)
  const { sid } = await readIdToken(first)
  const browser = new LoginBrowser()
  const begun = await browser.request(`${served.origins[0]}/auth/login`)
  const back = await atIssuer.follow(begun.headers.get('location') as string)
  const known = countRows("kind = 'BrowserEnded'")
  await tellOfLogout(sid)
  await eventually('it is known', () => countRows("kind = 'BrowserEnded'") > known)
  const before = countRows("kind = 'BrowserTokens'")
  const answer = await browser.request(back.url)
  assert.equal(answer.status, 403)
  assert.ok(!browser.cookies.has('__Host-session'))
  assert.equal(countRows("kind = 'BrowserTokens'"), before)
})

test('while the issuer is away, nobody logs in, and the answer says so', async () => {
  const browser = new LoginBrowser()
  const begun = await browser.request(`${served.origins[0]}/auth/login`)
  const back = await new LoginBrowser().follow(begun.headers.get('location') as string)
  served.issuer.state.down = true
  assert.equal((await browser.request(back.url)).status, 503)
  assert.ok(!browser.cookies.has('__Host-session'))
})

test('tokens lie in the store encrypted, and are not in the log', async () => {
  const { body } = await served.call(await served.logIn())
  const [, token = ''] = (JSON.parse(body).headers.authorization as string).split(' ')
  assert.ok(countRows("kind = 'BrowserTokens'") > 0)
  for (const text of [token, 'eyJhbGciOi', 'carol@']) assert.equal(countRows(`instr(payload, '${text}') > 0`), 0)
  for (const gateway of served.gateways) {
    assert.ok(!gateway.output().includes(token))
    assert.doesNotMatch(gateway.output(), /eyJ|__Host-session=[\w-]/)
  }
})

/** What the issuer says of a login, of which it is told at the logout. */
async function readIdToken(browser: LoginBrowser): Promise<{ readonly sid: string; readonly idToken: string }> {
  const { searchParams } = new URL(String((await served.logOut(browser)).headers.location))
  const idToken = searchParams.get('id_token_hint') as string
  return { ...JSON.parse(Buffer.from(idToken.split('.')[1] as string, 'base64url').toString()), idToken }
}

/** Has the issuer say that a login has ended. */
async function tellOfLogout(sid: string): Promise<void> {
  const { provider, client } = served.issuer
  const found = (await provider.Client.find(client.id)) as unknown as {
    backchannelLogout(sub: string, sid: string): Promise<void>
  }
  await found.backchannelLogout('carol', sid)
}

function countRows(condition: string): number {
  const db = new DatabaseSync(`${served.gateways[0]?.folder}/data/portcullis.db`, { readOnly: true })
  const row = db.prepare(`select count(*) as count from artefacts where ${condition}`).get() as { count: number }
  db.close()
  return row.count
}
