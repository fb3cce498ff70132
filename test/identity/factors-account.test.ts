import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { type Authenticator, createAuthenticator, fromBase32 } from '../support/factors.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { readMails } from '../support/mail-folder.ts'

const challenge = createHash('sha256').update('verifier').digest('base64url')

describe('the second factors of an account', () => {
  let served: ServedIdentity
  let mails = ''
  let count = 0

  before(async () => {
    served = await serveIdentity({ identity: '  mail: { folder: mails }' })
    mails = join(served.gateway.folder, 'mails')
  })
  after(() => served?.stop())

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
  async function someone() {
    const username = `person${count++}@orchard.test`
    await createAccount(served.gateway.folder, { id: `account-${username}`, username })
    return username
  }
  async function open<T>(work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<T>): Promise<T> {
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    return work(store).finally(() => store.close())
  }
  async function logIn(username: string, browser = new LoginBrowser()) {
    const { url } = await browser.follow(`${served.issuer}/account`)
    const at = await browser.submit(url, { username, password })
    return { browser, url: at.url, page: await at.response.text() }
  }
  const page = async (browser: LoginBrowser, path: string) =>
    (await browser.follow(served.issuer + path)).response.text()
  async function enrol(browser: LoginBrowser): Promise<{ app: Authenticator; codes: string[] }> {
    const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(await page(browser, '/account/factors/totp'))?.[1] ?? ''
    const app = createAuthenticator(fromBase32(secret))
    const fields = { code: app.code(), label: 'my phone' }
    const { response } = await browser.submit(`${served.issuer}/account/factors/totp`, fields)
    assert.equal(response.status, 200)
    return {
      app,
      codes: [...(await response.text()).matchAll(/<code>([0-9a-z-]{34})<\/code>/g)].map(([, code = '']) => code),
    }
  }
  /** The first step, then a code; where that ends. */
  async function logInBy(username: string, fields: Record<string, string>, browser = new LoginBrowser()) {
    const { url } = await logIn(username, browser)
    const at = await browser.submit(url, fields)
    return { browser, url: at.url, page: await at.response.text() }
  }
  const isIn = ({ page }: { page: string }) => /You are logged in as/.test(page)

  test('an app is added by a code of it, and asked for from then on; its owner is told', async () => {
    const username = await someone()
    const { browser } = await logIn(username)
    const shown = await page(browser, '/account/factors/totp')
    assert.match(shown, /<svg role="img"/)
    assert.equal(shown, await page(browser, '/account/factors/totp'), 'the same secret when looked at again')
    const wrong = await browser.submit(`${served.issuer}/account/factors/totp`, { code: '000000' })
    assert.equal(wrong.response.status, 422)
    assert.ok(isIn(await logIn(username)), 'nothing is asked for yet')
    const { app, codes } = await enrol(browser)
    assert.equal(new Set(codes).size, 10)
    assert.match(await page(browser, '/account/factors'), /my phone/)
    assert.match((await logIn(username)).url, /\/factor$/)
    assert.ok(!isIn(await logInBy(username, { factor: 'totp', code: app.code() })), 'the code that enrolled has gone')
    assert.ok(isIn(await logInBy(username, { factor: 'totp', code: app.code(1) })))
    assert.match((await readMails(mails, username, 1))[0] ?? '', /second factor was added/)
    const events = await open((store) => store.db.selectFrom('audit_events').selectAll().execute())
    assert.ok(events.some(({ action, subject }) => action === 'factor-added' && subject === `account-${username}`))
  })

  test('recovery codes are good once each, however they are typed, and new ones replace old ones', async () => {
    const username = await someone()
    const { browser } = await logIn(username)
    const { app, codes } = await enrol(browser)
    const [first = '', second = '', third = ''] = codes
    assert.ok(isIn(await logInBy(username, { factor: 'recovery', code: first })))
    assert.ok(!isIn(await logInBy(username, { factor: 'recovery', code: first })))
    assert.ok(isIn(await logInBy(username, { factor: 'recovery', code: second.toUpperCase().replaceAll('-', ' ') })))
    const race = await Promise.all(
      Array.from({ length: 4 }, () => logInBy(username, { factor: 'recovery', code: third })),
    )
    assert.equal(race.filter(isIn).length, 1)
    const strong = await logInBy(username, { factor: 'totp', code: app.code(1) })
    assert.match(await page(strong.browser, '/account/factors'), /Left: 7\./)
    const made = await strong.browser.submit(`${served.issuer}/account/factors/recovery`, {})
    const [fresh = ''] = /[0-9a-z]{4}(-[0-9a-z]{4}){6}/.exec(await made.response.text()) ?? []
    assert.ok(!isIn(await logInBy(username, { factor: 'recovery', code: codes[5] as string })))
    assert.ok(isIn(await logInBy(username, { factor: 'recovery', code: fresh })))
    // Each use is told, and nothing that was no use: two, one of the four at once, and the fresh one.
    const told = await readMails(mails, username, 6)
    assert.equal(told.filter((mail) => /logged in to your account .+ with a recovery code/.test(mail)).length, 4)
    assert.equal(told.length, 6)
    const kept = JSON.stringify(await open((store) => store.db.selectFrom('factors').selectAll().execute()))
    for (const code of [...codes, fresh]) assert.ok(!kept.includes(code) && !served.gateway.output().includes(code))
  })

  test('are not changed by a login of one factor, nor by an old one', async () => {
    const username = await someone()
    const weak = await logIn(username)
    const owner = await logIn(username)
    const { app } = await enrol(owner.browser)
    const [{ id } = { id: '' }] = await open((store) =>
      store.db.selectFrom('factors').selectAll().where('kind', '=', 'totp').orderBy('created_at', 'desc').execute(),
    )
    for (const [path, fields] of [
      ['remove', { id }],
      ['recovery', {}],
      ['totp', { code: '123456' }],
    ] as const) {
      const at = await weak.browser.submit(`${served.issuer}/account/factors/${path}`, fields)
      assert.match(at.url, /\/factor$/, path)
    }
    assert.match((await weak.browser.follow(`${served.issuer}/account/factors/totp`)).url, /\/factor$/)
    // What is asked for alone is the factor, and then it goes on where it was.
    const asked = await weak.browser.follow(`${served.issuer}/account/factors/totp`)
    const on = await weak.browser.submit(asked.url, { factor: 'totp', code: app.code(1) })
    assert.equal(on.url, `${served.issuer}/account/factors/totp`)
    const strong = weak.browser
    // Another person's is not there to be removed.
    const other = await logIn(await someone())
    await other.browser.submit(`${served.issuer}/account/factors/remove`, { id })
    assert.match((await logIn(username)).url, /\/factor$/)
    await strong.submit(`${served.issuer}/account/factors/remove`, { id })
    assert.ok(isIn(await logIn(username)))
    assert.match((await readMails(mails, username, 2)).join(), /second factor was removed/)
  })

  test('a browser is remembered where its owner says so, until it is forgotten or a factor is removed', async () => {
    const username = await someone()
    const { browser } = await logIn(username)
    const { app } = await enrol(browser)
    const mine = new LoginBrowser()
    await logInBy(username, { factor: 'totp', code: app.code(1), remember: 'yes' }, mine)
    const device = mine.cookies.get('portcullis-device')
    assert.ok(device !== undefined)
    const again = () => {
      const next = new LoginBrowser()
      next.take('portcullis-device', device.value)
      return next
    }
    assert.ok(isIn(await logIn(username, again())))
    // It stands in for no second factor where two are demanded.
    const demanding = again()
    const { url } = await demanding.follow(authorize({ acr_values: 'aal2' }))
    assert.match((await demanding.submit(url, { username, password })).url, /\/factor$/)
    // It is nobody else's.
    const other = await someone()
    const theirs = await logIn(other)
    await enrol(theirs.browser)
    assert.match((await logIn(other, again())).url, /\/factor$/)
    // Who does not say so is asked again.
    const id = /name="id" value="([0-9a-f]{64})"/.exec(await page(mine, '/account/factors'))?.[1] ?? ''
    await theirs.browser.submit(`${served.issuer}/account/factors/forget`, { id })
    assert.ok(isIn(await logIn(username, again())), 'nobody else forgets it')
    await mine.submit(`${served.issuer}/account/factors/forget`, { id })
    assert.match((await logIn(username, again())).url, /\/factor$/)
    const kept = JSON.stringify(await open((store) => store.db.selectFrom('artefacts').selectAll().execute()))
    assert.ok(!kept.includes(device.value))
  })

  test('forms of other sites change nothing', async () => {
    const { browser } = await logIn(await someone())
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    for (const path of ['totp', 'remove', 'recovery', 'forget']) {
      const url = `${served.issuer}/account/factors/${path}`
      const body = new URLSearchParams({ code: '1', id: randomBytes(4).toString('hex') })
      assert.equal((await browser.request(url, { method: 'POST', body, headers })).status, 403, path)
    }
  })
})
