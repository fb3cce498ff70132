import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { type Authenticator, addTotp, createAuthenticator, fromBase32 } from '../support/factors.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const claimsOf = (token = '') => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('a second factor', () => {
  let served: ServedIdentity
  let app: Authenticator
  let count = 0

  before(async () => {
    served = await serveIdentity({
      clients: [`{ id: vault, redirectUris: ['${callback}'], consent: given, acr: aal2 }`],
    })
    await createAccount(served.gateway.folder)
  })
  after(() => served?.stop())

  /** Somebody with an app of their own, whose codes nobody has used. */
  async function someone() {
    const username = `person${count++}`
    const account = `account-${username}`
    await createAccount(served.gateway.folder, { id: account, username })
    app = await addTotp(served.gateway.folder, account)
    return { username, account, app }
  }
  const authorize = (more: Record<string, string> = {}) =>
    `${served.issuer}/authorize?${new URLSearchParams({
      client_id: 'cli',
      response_type: 'code',
      scope: 'openid orders:read',
      redirect_uri: callback,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    })}`
  async function redeem(url: string) {
    const body = {
      grant_type: 'authorization_code',
      client_id: 'cli',
      code: new URL(url).searchParams.get('code') ?? '',
      redirect_uri: callback,
      code_verifier: verifier,
    }
    const response = await fetch(`${served.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })
    return (await response.json()) as Record<string, string>
  }
  /** Up to the page that asks for the factor. */
  async function half(username: string, more: Record<string, string> = {}) {
    const browser = new LoginBrowser()
    const login = await browser.follow(authorize(more))
    const { url } = await browser.submit(login.url, { username, password })
    return { browser, login: login.url, url }
  }
  /** Sends a form, or looks at a page, and agrees where that is what comes next. */
  async function goOn(browser: LoginBrowser, url: string, fields?: Record<string, string>) {
    const at = await (fields === undefined ? browser.follow(url) : browser.submit(url, fields))
    const page = at.response.status === 200 ? await at.response.text() : ''
    return page.includes('Allow') ? (await browser.submit(`${at.url}/consent`, {})).url : at.url
  }
  const hasCode = (url: string) => new URL(url).searchParams.has('code')

  test('is asked for after the password, and with it the login is one of two factors', async () => {
    const { username, app } = await someone()
    const { browser, url } = await half(username)
    assert.match(url, /\/login\/[^/]+\/factor$/)
    const page = await (await browser.request(url)).text()
    assert.match(page, /autocomplete="one-time-code"/)
    const tokens = await redeem(await goOn(browser, url, { factor: 'totp', code: app.code() }))
    for (const token of [tokens.id_token, tokens.access_token]) {
      const { acr, amr, auth_time } = claimsOf(token)
      assert.deepEqual([acr, amr], ['aal2', ['pwd', 'otp', 'mfa']])
      assert.ok(Math.abs(auth_time - Date.now() / 1000) < 30)
    }
  })

  test('is not asked of who has none, and the token says so', async () => {
    const url = await new LoginBrowser().logIn(authorize(), { username: 'alice', password })
    const { acr, amr } = claimsOf((await redeem(url)).access_token)
    assert.deepEqual([acr, amr], ['aal1', ['pwd']])
  })

  test('is not passed by going on without it', async () => {
    const { username } = await someone()
    const { browser, login, url } = await half(username)
    const uid = new URL(login).pathname.split('/').at(-1)
    for (const path of [`${served.issuer}/authorize/${uid}`, authorize(), `${served.issuer}/account`]) {
      const at = await browser.follow(path)
      assert.match(at.url, /\/login\//, path)
      assert.match(await at.response.text(), /name="password"/)
    }
    // Nor by the steps that come later.
    for (const step of ['consent', 'factor']) {
      const { browser, login } = await half(username)
      const { url, response } = await browser.submit(`${login}/${step}`, { factor: 'recovery', code: '' })
      assert.ok(!hasCode(url))
      assert.match(await response.text(), /name="(password|code)"/)
    }
    assert.ok(!hasCode(await goOn(browser, url, { factor: 'totp', code: '000000' })))
  })

  test('proves nothing in another browser, or for another login of this one', async () => {
    const { username, app } = await someone()
    const mine = await half(username)
    const thief = new LoginBrowser()
    assert.equal((await thief.submit(mine.url, { factor: 'totp', code: app.code() })).response.status, 400)
    const other = new LoginBrowser()
    const { url } = await other.follow(authorize())
    assert.ok(!hasCode(await goOn(other, `${url}/factor`, { factor: 'totp', code: app.code() })))
    // The code was looked at by none of them, and is good where it belongs.
    assert.ok(hasCode(await goOn(mine.browser, mine.url, { factor: 'totp', code: app.code() })))
  })

  test('of another person is none', async () => {
    const mine = await someone()
    const others = await someone()
    const { browser, url } = await half(mine.username)
    assert.equal((await browser.submit(url, { factor: 'totp', code: others.app.code() })).response.status, 422)
  })

  test('a code is good once, also of many that show it at the same time', async () => {
    const { username, app } = await someone()
    const code = app.code()
    const halves = await Promise.all(Array.from({ length: 5 }, () => half(username)))
    const ends = await Promise.all(halves.map(({ browser, url }) => goOn(browser, url, { factor: 'totp', code })))
    assert.equal(ends.filter(hasCode).length, 1)
    const { browser, url } = await half(username)
    assert.equal((await browser.submit(url, { factor: 'totp', code })).response.status, 422)
    // Nor is one of before.
    assert.equal((await browser.submit(url, { factor: 'totp', code: app.code(-1) })).response.status, 422)
    assert.ok(hasCode(await goOn(browser, url, { factor: 'totp', code: app.code(1) })))
  })

  test('is guessed a few times, and then not at all for a while, whoever knows the password', async () => {
    const { username, app } = await someone()
    const { browser, url } = await half(username)
    let last = 0
    for (let i = 0; i < 20 && last !== 429; i++)
      last = (await browser.submit(url, { factor: 'totp', code: '000000' })).response.status
    assert.equal(last, 429)
    assert.equal((await browser.submit(url, { factor: 'totp', code: app.code() })).response.status, 429)
    // Another login does not begin to count anew.
    const again = await half(username)
    assert.equal((await again.browser.submit(again.url, { factor: 'totp', code: app.code() })).response.status, 429)
  })

  test('counts for nothing once the password was changed or the account disabled', async () => {
    for (const change of ['password', 'disabled'] as const) {
      const { username, account, app } = await someone()
      const { browser, url } = await half(username)
      const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
      if (change === 'password') await store.accounts.setPassword(account, 'another', Date.now())
      else await store.accounts.disable(account, Date.now())
      store.close()
      const end = await browser.submit(url, { factor: 'totp', code: app.code() })
      assert.ok(!hasCode(end.url))
      assert.match(await end.response.text(), /This login has ended/)
    }
  })

  test('is asked for alone where one factor was proved and a client demands two', async () => {
    const { username, account } = { username: 'later', account: 'account-later' }
    await createAccount(served.gateway.folder, { id: account, username })
    const browser = new LoginBrowser()
    assert.ok(hasCode(await browser.logIn(authorize(), { username, password })))
    const app = await addTotp(served.gateway.folder, account)
    assert.ok(hasCode(await goOn(browser, authorize())), 'one factor is enough')
    assert.ok(hasCode(await goOn(browser, authorize({ acr_values: 'aal1 aal2' }))), 'one factor is enough')
    const none = await browser.follow(authorize({ acr_values: 'aal2', prompt: 'none' }))
    assert.equal(new URL(none.url).searchParams.get('error'), 'login_required')
    const demanded = await browser.follow(authorize({ acr_values: 'aal2' }))
    assert.match(demanded.url, /\/factor$/)
    const uid = new URL(demanded.url).pathname.split('/').at(-2)
    assert.match((await browser.follow(`${served.issuer}/authorize/${uid}`)).url, /\/login\//)
    const again = await browser.follow(authorize({ acr_values: 'aal2' }))
    const end = await goOn(browser, again.url, { factor: 'totp', code: app.code() })
    assert.equal(claimsOf((await redeem(end)).access_token).acr, 'aal2')
    assert.ok(hasCode(await goOn(browser, authorize({ acr_values: 'aal2' }))), 'two were proved')
    const old = await browser.follow(authorize({ acr_values: 'aal2', max_age: '0', prompt: 'login' }))
    assert.match(await old.response.text(), /name="password"/)
  })

  test('is demanded by a client once and for all, whatever the request says that a browser carries', async () => {
    const { username, app } = await someone()
    const toVault = (more: Record<string, string> = {}) => authorize({ client_id: 'vault', scope: 'openid', ...more })
    for (const more of [{}, { acr_values: 'aal1' }, { acr_values: 'aal1 aal2' }, { acr_values: 'nonsense' }]) {
      const visitor = new LoginBrowser()
      const { url } = await visitor.follow(toVault(more))
      const at = await visitor.submit(url, { username, password })
      assert.match(at.url, /\/factor$/, JSON.stringify(more))
    }
    // Nor by a login of one factor at another client.
    const weak = new LoginBrowser()
    await createAccount(served.gateway.folder, { id: 'account-weak', username: 'weak' })
    assert.ok(hasCode(await weak.logIn(authorize(), { username: 'weak', password })))
    assert.match((await weak.follow(toVault({ acr_values: 'aal1' }))).url, /\/enrol$/)
    const strong = await half(username, { client_id: 'vault', scope: 'openid' })
    assert.ok(hasCode(await goOn(strong.browser, strong.url, { factor: 'totp', code: app.code() })))
    assert.ok(hasCode(await goOn(strong.browser, toVault())), 'two were proved')
  })

  test('that is demanded of who has none is enrolled before anything is issued', async () => {
    const username = 'newcomer'
    await createAccount(served.gateway.folder, { id: 'account-newcomer', username })
    const { browser, login, url } = await half(username, { acr_values: 'aal2' })
    assert.match(url, /\/enrol$/)
    const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(await (await browser.request(url)).text())?.[1] ?? ''
    const app = createAuthenticator(fromBase32(secret))
    assert.equal((await browser.submit(url, {})).response.status, 422)
    const uid = new URL(login).pathname.split('/').at(-1)
    assert.match((await browser.follow(`${served.issuer}/authorize/${uid}`)).url, /\/login\//)
    const again = await half(username, { acr_values: 'aal2' })
    const page = await (await again.browser.request(again.url)).text()
    assert.ok(!page.includes(secret), 'another login has another secret')
    assert.equal((await again.browser.submit(again.url, { code: app.code() })).response.status, 422)
    const own = await half(username, { acr_values: 'aal2' })
    const typed = /<code>([A-Z2-7 ]+)<\/code>/.exec(await (await own.browser.request(own.url)).text())?.[1] ?? ''
    const codes = await own.browser.submit(own.url, { code: createAuthenticator(fromBase32(typed)).code() })
    assert.match(await codes.response.text(), /Keep your recovery codes/)
    // Whoever was about to enrol as well now has to prove what is there.
    const late = await half(username, { acr_values: 'aal2' })
    const enrol = late.url.replace(/factor$/, 'enrol')
    assert.doesNotMatch(await (await late.browser.request(enrol)).text(), /<svg/)
    assert.ok(!hasCode(await goOn(late.browser, enrol, { code: app.code() })))
    const end = await goOn(own.browser, own.url, {})
    assert.equal(claimsOf((await redeem(end)).access_token).acr, 'aal2')
  })

  test('is what a route can demand, and the client is told how to get it', async () => {
    const { username, app } = await someone()
    const weak = await redeem(await new LoginBrowser().logIn(authorize(), { username: 'alice', password }))
    const pay = (token = '') => fetch(`${served.origin}/payments`, { headers: { authorization: `Bearer ${token}` } })
    const refused = await pay(weak.access_token)
    assert.equal(refused.status, 401)
    const challenge = refused.headers.get('www-authenticate') ?? ''
    assert.match(challenge, /error="insufficient_user_authentication"/)
    const [, acr_values = ''] = /acr_values="([^"]+)"/.exec(challenge) ?? []
    const [, max_age = ''] = /max_age="([^"]+)"/.exec(challenge) ?? []
    const { browser, url } = await half(username, { acr_values, max_age })
    const tokens = await redeem(await goOn(browser, url, { factor: 'totp', code: app.code() }))
    assert.equal((await pay(tokens.access_token)).status, 200)
    assert.equal((await served.callApi(`Bearer ${weak.access_token}`)).status, 200)
  })

  test('is named in what clients discover', async () => {
    const response = await fetch(`${served.issuer}/.well-known/openid-configuration`)
    const { acr_values_supported, claims_supported } = (await response.json()) as Record<string, string[]>
    assert.deepEqual(acr_values_supported, ['aal1', 'aal2'])
    for (const claim of ['acr', 'amr', 'auth_time']) assert.ok(claims_supported?.includes(claim), claim)
  })

  test('forms of other sites prove nothing', async () => {
    const { username, app } = await someone()
    const { browser, url } = await half(username)
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const body = new URLSearchParams({ factor: 'totp', code: app.code() })
    assert.equal((await browser.request(url, { method: 'POST', body, headers })).status, 403)
  })
})
