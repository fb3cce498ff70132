import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { digestSecret } from '../../src/crypto/digest.ts'
import { createClientStore } from '../../src/stores/client-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { newClient } from '../contracts/client-store.ts'
import { eventually } from '../support/eventually.ts'
import { goWith, redeemAt, toPlain } from '../support/federation.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts'

const secret = 'a secret of the tests that is long enough'

describe('login through a second instance of our own', () => {
  let head: ServedIdentity
  let branch: ServedIdentity
  let work: OidcServer

  before(async () => {
    process.env.TEST_UPSTREAM_SECRET = secret
    head = await serveIdentity()
    work = await startOidcServer()
    const alone = { allowPrivateAddress: { reason: 'a test' }, clientSecret: 'env:TEST_UPSTREAM_SECRET' }
    const providers = {
      head: {
        ...{ ...alone, clientId: 'branch', issuer: head.issuer, label: 'Head office' },
        roles: [{ claim: 'preferred_username', value: 'alice', roles: ['clerk'] }],
      },
      form: { ...alone, clientId: 'p', issuer: work.issuer, responseMode: 'formPost' },
    }
    branch = await serveIdentity({ identity: `  signUp: open\n  providers: ${JSON.stringify(providers)}` })
    work.register({ id: 'p', secret, redirectUri: `${branch.issuer}/with/form/callback` })
    await createAccount(head.gateway.folder)
    await createAccount(branch.gateway.folder, { username: 'bob', id: 'account-bob' })
    const store = await openSqliteStore({ path: `${head.gateway.folder}/data/portcullis.db` })
    const { settings } = newClient()
    await createClientStore(store.db).create({
      id: 'branch',
      settings: {
        ...{ ...settings, grants: ['authorizationCode'], scopes: [], roles: [], consent: 'given' },
        redirectUris: [`${branch.issuer}/with/head/callback`],
      },
      secrets: [{ digest: digestSecret(secret), createdAt: 0, expiresAt: null }],
      createdAt: 0,
    })
    store.close()
  })
  after(async () => {
    await branch?.stop()
    await head?.stop()
    await work?.close()
  })

  /** Logs in to the first instance, as its page asks for it, and comes back. */
  async function goThrough(browser: LoginBrowser, there = new LoginBrowser()) {
    const { back } = await goWith(browser, branch.issuer, 'head', there)
    if (!new URL(back).pathname.includes('/login/')) return browser.follow(back)
    // A client on this machine is asked about each time.
    const { url: consent } = await there.submit(back, { username: 'alice', password })
    return browser.follow((await there.submit(`${consent}/consent`, {})).url)
  }

  test('who logs in there is logged in here, the second time without being asked there', async () => {
    const [browser, there] = [new LoginBrowser(), new LoginBrowser()]
    const first = await redeemAt(browser, branch.issuer, await goThrough(browser, there))
    assert.match(first.username, /^head-/)
    assert.deepEqual(first.roles, ['clerk'])
    const again = new LoginBrowser()
    const { back: asked } = await goWith(again, branch.issuer, 'head', there)
    const { url: back } = await there.submit(`${asked}/consent`, {})
    assert.equal(new URL(back).searchParams.get('iss'), head.issuer)
    assert.equal((await redeemAt(again, branch.issuer, await again.follow(back))).accountId, first.accountId)
  })

  test('an answer by a form of another site goes on by a navigation, and takes nothing else along', async () => {
    work.person = { sub: 'f-1', email: 'fay@orchard.test', email_verified: true }
    const browser = new LoginBrowser()
    const { page } = await goWith(browser, branch.issuer, 'form')
    const fields = Object.fromEntries(
      [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    )
    assert.ok(fields.code !== undefined && fields.state !== undefined, page)
    // As the browser sends it: from there, and without the cookies of here.
    const answer = await fetch(`${branch.issuer}/with/form/callback`, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, user: '{"name":"Fay"}', next: 'https://evil.test' }),
      headers: { origin: work.issuer, 'sec-fetch-site': 'cross-site' },
      redirect: 'manual',
    })
    assert.equal(answer.status, 303)
    const next = new URL(answer.headers.get('location') as string, branch.issuer)
    assert.equal(next.pathname, '/identity/with/form/callback')
    assert.ok(!next.searchParams.has('user') && !next.searchParams.has('next'))
    assert.equal((await new LoginBrowser().follow(next.href)).response.status, 400)
    assert.equal((await redeemAt(browser, branch.issuer, await browser.follow(next.href))).username, 'fay@orchard.test')
  })

  test('a provider that was taken out of the file meanwhile is told about, and passwords go on to work', async () => {
    const [browser, there] = [new LoginBrowser(), new LoginBrowser()]
    const { login, back: asked } = await goWith(browser, branch.issuer, 'head', there)
    const { url: consent } = await there.submit(asked, { username: 'alice', password })
    const { url: back } = await there.submit(`${consent}/consent`, {})
    const { policyFile } = branch.gateway
    const file = await readFile(policyFile, 'utf8')
    await writeFile(policyFile, file.replace('"head":', '"office":'))
    await eventually('the button has another name', async () => {
      const { response } = await new LoginBrowser().follow(`${branch.issuer}/account`)
      return (await response.text()).includes('/with/office"')
    })
    for (const gone of [await browser.follow(back), await browser.submit(`${login}/with/head`, {})])
      assert.match(toPlain(await gone.response.text()), /Nobody can log in with head any more/)
    const end = await browser.submit(login, { username: 'bob', password })
    assert.equal((await redeemAt(browser, branch.issuer, end)).accountId, 'account-bob')
  })
})
