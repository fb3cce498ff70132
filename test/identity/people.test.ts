import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { findLink, readMails } from '../support/mail-folder.ts'

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const chosen = 'seven owls over a pond'
const other = 'nine foxes under a hedge'

describe('people of the identity server', () => {
  let served: ServedIdentity
  let mails = ''

  before(async () => {
    served = await serveIdentity({ identity: '  mail: { folder: mails }\n  signUp: open' })
    mails = join(served.gateway.folder, 'mails')
    await createAccount(served.gateway.folder, { id: 'account-bob', username: 'bob@orchard.test' })
  })
  after(() => served?.stop())

  const authorize = () =>
    `${served.issuer}/authorize?${new URLSearchParams({
      client_id: 'cli',
      response_type: 'code',
      scope: 'openid orders:read',
      redirect_uri: callback,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })}`
  const post = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
    const url = path.startsWith('http') ? path : `${served.issuer}${path}`
    const origin = { origin: served.origin, 'sec-fetch-site': 'same-origin' }
    const init = { method: 'POST', body: new URLSearchParams(fields), headers: { ...origin, ...headers } }
    const response = await fetch(url, { ...init, redirect: 'manual' })
    return { status: response.status, page: await response.text(), headers: response.headers }
  }
  const logIn = (username: string, secret: string) =>
    new LoginBrowser().logIn(authorize(), { username, password: secret }).then((url) => new URL(url))
  const choose = (link: string, secret: string) => {
    const { origin, pathname, searchParams } = new URL(link)
    return post(`${origin}${pathname}`, { token: searchParams.get('token') ?? '', 'new-password': secret })
  }
  async function redeem(code: string) {
    const body = {
      grant_type: 'authorization_code',
      client_id: 'cli',
      code,
      redirect_uri: callback,
      code_verifier: verifier,
    }
    const response = await fetch(`${served.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })
    return (await response.json()) as Record<string, string>
  }

  test('sign up by a link that is used once, and log in only then', async () => {
    const asked = await post('/sign-up', { email: 'Ann@Orchard.test' })
    assert.equal(asked.status, 200)
    const [mail = ''] = await readMails(mails, 'ann@orchard.test', 1)
    const link = findLink(mail)
    assert.ok(!(await logIn('ann@orchard.test', chosen)).searchParams.has('code'))
    // Programs that look into mails open links.
    for (let i = 0; i < 2; i++) assert.equal((await fetch(link)).status, 200)
    assert.equal((await choose(link, 'too short')).status, 422)
    assert.match((await choose(link, 'orchards are full of ann')).page, /user name/)
    assert.equal((await choose(link, chosen)).status, 200)
    assert.equal((await choose(link, other)).status, 410)
    assert.equal((await fetch(link)).status, 410)
    assert.ok((await logIn('ann@orchard.test', chosen)).searchParams.has('code'))
    assert.ok(!(await logIn('ann@orchard.test', other)).searchParams.has('code'))
  })

  test('are not told apart from nobody, and get a mail either way', async () => {
    const hide = (page: string) => page.replace(/[a-z]+@orchard\.test/g, 'x')
    const pages: string[] = []
    for (const [path, email] of [
      ['/sign-up', 'bob@orchard.test'],
      ['/sign-up', 'carol@orchard.test'],
      ['/reset', 'bob@orchard.test'],
      ['/reset', 'dave@orchard.test'],
    ] as const) {
      const { status, page, headers } = await post(path, { email })
      assert.equal(status, 200)
      pages.push(hide(page) + headers.get('cache-control'))
    }
    assert.equal(new Set(pages).size, 1)
    assert.match((await readMails(mails, 'dave@orchard.test', 1))[0] ?? '', /no account with this address/)
    assert.equal(findLink((await readMails(mails, 'dave@orchard.test', 1))[0] ?? ''), '')
    for (const mail of await readMails(mails, 'bob@orchard.test', 2)) assert.match(mail, /You have an account/)
  })

  test('reset: what was open ends, also signed tokens at the API, and the old password', async () => {
    const browser = new LoginBrowser()
    const end = new URL(await browser.logIn(authorize(), { username: 'bob@orchard.test', password }))
    const tokens = await redeem(end.searchParams.get('code') as string)
    const bearer = `Bearer ${tokens.access_token}`
    assert.equal((await served.callApi(bearer)).status, 200)
    await post('/reset', { email: 'bob@orchard.test' })
    const all = await readMails(mails, 'bob@orchard.test', 3)
    assert.equal((await choose(findLink(all.at(-1) as string), chosen)).status, 200)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal((await served.callApi(bearer)).status, 401)
    const body = { grant_type: 'refresh_token', client_id: 'cli', refresh_token: tokens.refresh_token ?? 'none' }
    const refreshed = await fetch(`${served.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })
    assert.equal(refreshed.status, 400)
    // The browser that was logged in is asked again.
    const { response } = await browser.follow(authorize())
    assert.match(await response.text(), /name="password"/)
    assert.ok(!(await logIn('bob@orchard.test', password)).searchParams.has('code'))
    assert.ok((await logIn('bob@orchard.test', chosen)).searchParams.has('code'))
    // The owner is told.
    assert.match((await readMails(mails, 'bob@orchard.test', 4)).at(-1) ?? '', /logged out everywhere/)
  })

  test('change a password with the old one', async () => {
    const fields = { username: 'bob@orchard.test', password: chosen, 'new-password': other }
    assert.equal((await post('/password', { ...fields, password: 'not the password' })).status, 422)
    assert.equal((await post('/password', { ...fields, 'new-password': 'Password12345678' })).status, 422)
    assert.equal((await post('/password', fields)).status, 200)
    assert.ok((await logIn('bob@orchard.test', other)).searchParams.has('code'))
  })

  test('are refused forms of other sites, and addresses that are none', async () => {
    for (const path of ['/sign-up', '/reset', '/sign-up/confirm', '/reset/confirm', '/password']) {
      const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
      assert.equal((await post(path, { email: 'ann@orchard.test' }, headers)).status, 403, path)
    }
    for (const email of ['', 'ann', 'ann@orchard.test\r\nBcc: x@y.test', 'ａnn@orchard.test', 'a@b', 'a,b@c.test']) {
      assert.equal((await post('/sign-up', { email })).status, 422, email)
    }
  })

  test('are in the audit trail; no token, address of a mail or password stands in the store or the log', async () => {
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const events = await store.db
      .selectFrom('audit_events')
      .selectAll()
      .where('actor', '=', 'the account itself')
      .execute()
    const actions = events.map(({ action }) => action)
    assert.ok(actions.includes('account-created') && actions.includes('account-password-changed'), actions.join())
    const kept = JSON.stringify(await store.db.selectFrom('artefacts').selectAll().execute())
    store.close()
    const tokens = (await readMails(mails, 'bob@orchard.test', 3)).map(findLink).map((link) => link.split('token=')[1])
    const said = served.gateway.output() + kept + (await readFile(join(mails, '..', 'portcullis.yaml'), 'utf8'))
    for (const token of tokens.filter((token) => token !== undefined)) assert.ok(!said.includes(token))
    assert.ok(!said.includes(chosen) && !kept.includes('orchard.test'))
  })

  test('get so many mails and no more: for one address silently, from one client with a word', async () => {
    for (let i = 0; i < 7; i++) assert.equal((await post('/reset', { email: 'eve@orchard.test' })).status, 200)
    let status = 200
    for (let i = 0; i < 20 && status === 200; i++)
      status = (await post('/reset', { email: `n${i}@orchard.test` })).status
    assert.equal(status, 429)
    assert.equal((await readMails(mails, 'eve@orchard.test', 4)).length, 4)
  })
})
