import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { hashPassword } from '../../src/crypto/passwords/default-hasher.ts'
import { createPeopleStore } from '../../src/runtime/people-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { type Authenticator, addRecoveryCodes, addTotp } from '../support/factors.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url')
const chosen = 'seven owls over a pond'

describe('a password is changed', () => {
  let served: ServedIdentity
  let count = 0

  before(async () => {
    served = await serveIdentity({ identity: '  mail: { folder: mails }' })
  })
  after(() => served?.stop())

  async function someone(): Promise<{ username: string; app: Authenticator; account: string }> {
    const username = `person${count++}@orchard.test`
    const account = `account-${count}`
    await createAccount(served.gateway.folder, { id: account, username })
    return { username, account, app: await addTotp(served.gateway.folder, account) }
  }
  const ask = (browser: LoginBrowser, username: string, fields: Record<string, string> = {}) =>
    browser.submit(`${served.issuer}/password`, { username, password, 'new-password': chosen, ...fields })
  const prove = async (browser: LoginBrowser, code: string, factor = 'totp') => {
    const { response, url } = await browser.submit(`${served.issuer}/password/factor`, { factor, code })
    return { status: response.status, url, page: await response.text() }
  }
  /** Whether a password is the one of the account: the second factor is asked for, or somebody is logged in. */
  async function opens(username: string, secret: string, browser = new LoginBrowser()) {
    const query = {
      ...{ client_id: 'cli', response_type: 'code', scope: 'openid', redirect_uri: callback },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    }
    const login = await browser.follow(`${served.issuer}/authorize?${new URLSearchParams(query)}`)
    const end = await browser.submit(login.url, { username, password: secret })
    await end.response.text()
    return /\/factor$|[?&]code=/.test(end.url)
  }

  test('not by who knows no more than the old one, where the account has a second factor', async () => {
    const { username, app } = await someone()
    const thief = new LoginBrowser()
    const asked = await ask(thief, username)
    assert.equal(new URL(asked.url).pathname, '/identity/password/factor')
    assert.match(await asked.response.text(), /name="code"/)
    assert.equal((await prove(thief, '000000')).status, 422)
    // Nobody else goes on with it, whatever they prove.
    assert.match((await prove(new LoginBrowser(), app.code())).page, /ended/)
    assert.ok(await opens(username, password))
    assert.ok(!(await opens(username, chosen)))
  })

  test('with a code, once', async () => {
    const { username, app } = await someone()
    const browser = new LoginBrowser()
    await ask(browser, username)
    const copy = new LoginBrowser()
    for (const [name, { value, path }] of browser.cookies) copy.take(name, value, path)
    const proved = await prove(browser, app.code())
    assert.equal(proved.status, 200)
    assert.match(proved.page, /logged out everywhere/)
    assert.deepEqual([...browser.cookies.keys()], [])
    assert.ok(await opens(username, chosen))
    assert.ok(!(await opens(username, password)))
    assert.match((await prove(copy, app.code(1))).page, /ended/)
    // The code is used up elsewhere too.
    await ask(browser, username, { password: chosen, 'new-password': password })
    assert.equal((await prove(browser, app.code())).status, 422)
  })

  test('with a recovery code', async () => {
    const { username, account } = await someone()
    const codes = await addRecoveryCodes(served.gateway.folder, account)
    const browser = new LoginBrowser()
    await ask(browser, username)
    const { response } = await browser.follow(`${served.issuer}/password/factor?by=recovery`)
    assert.match(await response.text(), /A recovery code that was not used/)
    assert.equal((await prove(browser, codes[0] as string, 'recovery')).status, 200)
    assert.ok(await opens(username, chosen))
  })

  test('nobody learns who has a second factor before they know the password', async () => {
    const { username } = await someone()
    const plain = 'plain@orchard.test'
    await createAccount(served.gateway.folder, { id: 'account-plain', username: plain })
    const answers = []
    for (const name of [username, plain, 'nobody@orchard.test']) {
      const { response, url } = await ask(new LoginBrowser(), name, { password: 'not the password' })
      const page = (await response.text()).replaceAll(name, 'x')
      answers.push(JSON.stringify([response.status, url, page, response.headers.getSetCookie()]))
    }
    assert.equal(new Set(answers).size, 1)
    // Without one, the old password is enough.
    const { response } = await ask(new LoginBrowser(), plain)
    assert.match(await response.text(), /logged out everywhere/)
  })

  test('guesses are limited, together with those of logins', async () => {
    const { username, app } = await someone()
    const [thief, other] = [new LoginBrowser(), new LoginBrowser()]
    for (const browser of [thief, other]) await ask(browser, username)
    let last = 0
    for (let i = 0; i < 12 && last !== 429; i++) last = (await prove(thief, '000000')).status
    assert.equal(last, 429)
    // Whoever began anew goes on counting. The first wait is a second.
    assert.equal((await prove(other, app.code())).status, 429)
  })

  test('what was begun ends with the password that it was begun with', async () => {
    const { username, account, app } = await someone()
    const browser = new LoginBrowser()
    await ask(browser, username)
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const hash = await hashPassword('nine foxes under a hedge')
    const change = { accountId: account, hash, tokens: null, mail: null, token: null, now: Date.now() }
    await createPeopleStore(store.db).changePassword(change)
    store.close()
    assert.match((await prove(browser, app.code())).page, /ended/)
    assert.ok(!(await opens(username, chosen)))
  })

  test('a browser that is remembered is asked as well', async () => {
    const { username, app } = await someone()
    const browser = new LoginBrowser()
    await opens(username, password, browser)
    const step = [...browser.cookies].find(([, { path }]) => path.includes('/login/'))?.[1].path as string
    const factor = { factor: 'totp', code: app.code(), remember: 'yes' }
    await browser.submit(`${served.origin}${step}/factor`, factor)
    assert.ok(browser.cookies.has('portcullis-device'))
    assert.equal(new URL((await ask(browser, username)).url).pathname, '/identity/password/factor')
  })

  test('forms of other sites are refused, in German too', async () => {
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const url = `${served.issuer}/password/factor`
    assert.equal((await fetch(url, { method: 'POST', body: new URLSearchParams({ code: '1' }), headers })).status, 403)
    const { username } = await someone()
    const german = new LoginBrowser(undefined, { 'accept-language': 'de' })
    assert.match(await (await ask(german, username)).response.text(), /Ihr neues Passwort gilt, sobald/)
  })
})
