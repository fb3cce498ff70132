import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestSecret } from '../../src/crypto/digest.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import type { Store } from '../../src/stores/store.ts'
import { addTotp } from '../support/factors.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { findLink, readMails } from '../support/mail-folder.ts'

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const chosen = 'seven owls over a pond'
/** Longer than mails that wait take to be found. */
const mailTurnMs = 2500

describe('an identity server that is killed in the middle', () => {
  let served: ServedIdentity
  let mails = ''

  before(async () => {
    served = await serveIdentity({ workers: 1, identity: '  mail: { folder: mails }\n  signUp: open' })
    mails = join(served.gateway.folder, 'mails')
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
  const post = (url: string, fields: Record<string, string>) => {
    const headers = { origin: served.origin, 'sec-fetch-site': 'same-origin' }
    return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
  }
  const choose = (link: string, secret: string) => {
    const { origin, pathname, searchParams } = new URL(link)
    return post(`${origin}${pathname}`, { token: searchParams.get('token') ?? '', 'new-password': secret })
  }
  const opens = async (username: string, secret: string) => {
    const end = await new LoginBrowser().logIn(authorize(), { username, password: secret })
    return new URL(end).searchParams.has('code')
  }
  const redeem = (url: string) => {
    const code = new URL(url).searchParams.get('code') ?? ''
    const common = { grant_type: 'authorization_code', client_id: 'cli', redirect_uri: callback }
    const body = new URLSearchParams({ ...common, code, code_verifier: verifier })
    return fetch(`${served.issuer}/token`, { method: 'POST', body })
  }
  async function look<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    return work(store).finally(() => store.close())
  }
  const countAccounts = (username: string) =>
    look(
      async ({ accounts }) => (await accounts.list({ limit: 100 })).filter((one) => one.username === username).length,
    )
  const listKept = (accountId: string) =>
    look(async ({ db }) => {
      const rows = db.selectFrom('artefacts').select('kind').where('account', '=', digestSecret(accountId))
      return (await rows.execute()).map(({ kind }) => kind)
    })
  /** What was just being sent when it was killed is tried again after minutes: here, at once. */
  const waitNoLonger = () => look(({ db }) => db.updateTable('mails').set({ next_at: 0 }).execute())

  /** The link of the one mail that came of it, after a kill right behind the answer. */
  async function askAndKill(path: 'sign-up' | 'reset', email: string): Promise<string> {
    assert.equal((await post(`${served.issuer}/${path}`, { email })).status, 200)
    await served.gateway.killAndRestart()
    await waitNoLonger()
    await readMails(mails, email, 1)
    await sleep(mailTurnMs)
    const all = await readMails(mails, email, 1)
    assert.equal(all.length, 1, 'the mail came once')
    return findLink(all[0] as string)
  }

  test('sends the mail of a sign-up once, and makes the account once its password is chosen, not before', async () => {
    const link = await askAndKill('sign-up', 'ann@orchard.test')
    assert.equal(await countAccounts('ann@orchard.test'), 0)
    assert.equal((await fetch(link)).status, 200)
    await served.gateway.killAndRestart()
    assert.equal(await countAccounts('ann@orchard.test'), 0)
    assert.equal((await choose(link, chosen)).status, 200)
    assert.equal((await choose(link, password)).status, 410)
    assert.equal(await countAccounts('ann@orchard.test'), 1)
    assert.ok(await opens('ann@orchard.test', chosen))
  })

  test('makes the account wholly or not at all where it was killed while it was being made', async () => {
    for (const [name, waitMs] of [
      ['bea', 0],
      ['cay', 120],
    ] as const) {
      const email = `${name}@orchard.test`
      await post(`${served.issuer}/sign-up`, { email })
      const link = findLink((await readMails(mails, email, 1))[0] as string)
      const sent = choose(link, chosen).catch(() => null)
      await sleep(waitMs)
      await served.gateway.killAndRestart()
      await sent
      if ((await countAccounts(email)) === 0) assert.equal((await choose(link, chosen)).status, 200)
      assert.equal((await choose(link, chosen)).status, 410)
      assert.equal(await countAccounts(email), 1)
      assert.ok(await opens(email, chosen))
    }
  })

  test('lets nobody in who has proved one factor of two, and lets them go on', async () => {
    const account = 'account-dan'
    await createAccount(served.gateway.folder, { id: account, username: 'dan' })
    const app = await addTotp(served.gateway.folder, account)
    const browser = new LoginBrowser()
    const { url } = await browser.follow(authorize())
    const half = await browser.submit(url, { username: 'dan', password })
    assert.match(half.url, /\/factor$/)
    await served.gateway.killAndRestart()
    assert.deepEqual(await listKept(account), ['HalfLogin'])
    const other = await browser.follow(authorize())
    assert.match(await other.response.text(), /name="password"/, 'it is not logged in')
    const anew = await browser.submit(other.url, { username: 'dan', password })
    assert.match(anew.url, /\/factor$/)
    await served.gateway.killAndRestart()
    const asked = await browser.submit(anew.url, { factor: 'totp', code: app.code() })
    assert.match(await asked.response.text(), /Allow/)
    const end = await browser.submit(`${asked.url}/consent`, {})
    assert.equal((await redeem(end.url)).status, 200)
  })

  test('redeems a code from before, once', async () => {
    await createAccount(served.gateway.folder, { id: 'account-eve', username: 'eve' })
    const end = await new LoginBrowser().logIn(authorize(), { username: 'eve', password })
    await served.gateway.killAndRestart()
    const redeemed = await redeem(end)
    assert.equal(redeemed.status, 200)
    const { access_token: token } = (await redeemed.json()) as { access_token: string }
    assert.equal((await served.callApi(`Bearer ${token}`)).status, 200)
    await served.gateway.killAndRestart()
    assert.equal((await redeem(end)).status, 400)
  })

  test('leaves one password that opens where it was killed during a reset', async () => {
    const email = 'fay@orchard.test'
    await createAccount(served.gateway.folder, { id: 'account-fay', username: email })
    const link = await askAndKill('reset', email)
    const sent = choose(link, chosen).catch(() => null)
    await sleep(100)
    await served.gateway.killAndRestart()
    await sent
    const before = await opens(email, password)
    assert.notEqual(before, await opens(email, chosen))
    if (before) assert.equal((await choose(link, chosen)).status, 200)
    assert.equal((await choose(link, chosen)).status, 410)
    assert.ok(await opens(email, chosen))
    assert.ok(!(await opens(email, password)))
  })
})
