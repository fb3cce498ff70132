import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { goWith, logInWith, readWayThere, toPlain } from '../support/federation.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts'
import { runCli } from '../support/run-cli.ts'

const secret = 'a secret of the tests that is long enough'

describe('connections of an account', () => {
  let work: OidcServer
  let home: OidcServer
  let served: ServedIdentity
  let page = ''

  before(async () => {
    process.env.TEST_UPSTREAM_SECRET = secret
    work = await startOidcServer()
    home = await startOidcServer()
    const alone = { clientId: 'p', clientSecret: 'env:TEST_UPSTREAM_SECRET', allowPrivateAddress: { reason: 'a test' } }
    const providers = { work: { ...alone, issuer: work.issuer }, home: { ...alone, issuer: home.issuer } }
    served = await serveIdentity({ identity: `  providers: ${JSON.stringify(providers)}` })
    page = `${served.issuer}/account/connections`
    for (const [name, server] of [
      ['work', work],
      ['home', home],
    ] as const)
      server.register({ id: 'p', secret, redirectUri: `${served.issuer}/with/${name}/callback` })
    await createAccount(served.gateway.folder)
    await createAccount(served.gateway.folder, { id: 'account-bob', username: 'bob' })
  })
  after(async () => {
    await served?.stop()
    await work?.close()
    await home?.close()
  })

  async function open(username: string): Promise<LoginBrowser> {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(page)
    const { url: end } = await browser.submit(url, { username, password })
    assert.equal(end, page)
    return browser
  }
  const show = async (browser: LoginBrowser) => (await browser.follow(page)).response.text()
  async function leave(browser: LoginBrowser, provider: string): Promise<string> {
    const there = await readWayThere((await browser.submit(page, { connect: provider })).response)
    return (await new LoginBrowser().follow(there.href)).url
  }
  const connect = async (browser: LoginBrowser, provider: string) => browser.follow(await leave(browser, provider))
  const findIds = async (browser: LoginBrowser) =>
    [...(await show(browser)).matchAll(/name="disconnect" value="(\w+)"/g)].map(([, id = '']) => id)
  async function setPassword(id: string, hash: string | null): Promise<string | null> {
    const store = await openSqliteStore({ path: `${served.gateway.folder}/data/portcullis.db` })
    const before = (await store.accounts.find(id))?.passwordHash ?? null
    await store.db.updateTable('accounts').set({ password_hash: hash }).where('id', '=', id).execute()
    store.close()
    return before
  }

  test('nobody gets an account where the file offers none, and is told how to connect one', async () => {
    work.person = { sub: 'alice-at-work', email: 'alice@work.test', email_verified: true }
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'work')
    assert.match(toPlain(await (await browser.follow(back)).response.text()), /Nobody has connected this login at work/)
  })

  test('who is logged in connects, and logs in by it from then on', async () => {
    work.person = { sub: 'alice-at-work', email: 'alice@work.test', email_verified: false }
    const alice = await open('alice')
    assert.match(toPlain(await show(alice)), /No login elsewhere/)
    assert.equal((await connect(alice, 'work')).url, page)
    assert.match(toPlain(await show(alice)), /\bwork \(alice@work\.test\)/)
    assert.equal((await logInWith(new LoginBrowser(), served.issuer, 'work')).accountId, 'account-alice')
  })

  test('an identity opens one account only', async () => {
    work.person = { sub: 'alice-at-work' }
    const bob = await open('bob')
    const { response } = await connect(bob, 'work')
    assert.equal(response.status, 422)
    assert.match(toPlain(await response.text()), /This login at work opens another account/)
    assert.deepEqual(await findIds(bob), [])
  })

  test('is among the data of its account, and of no other', async () => {
    const connectionsOf = async (username: string) => {
      const response = await (await open(username)).request(`${served.issuer}/account/data/file`)
      return ((await response.json()) as { connections: Record<string, unknown>[] }).connections
    }
    const [connection, ...more] = await connectionsOf('alice')
    const { provider, issuer, subject, email } = connection ?? {}
    assert.deepEqual([provider, issuer, subject, more], ['work', work.issuer, 'alice-at-work', []])
    assert.equal(email, 'alice@work.test')
    assert.deepEqual(await connectionsOf('bob'), [])
    const { stdout } = await runCli(served.gateway.folder, 'users', 'export', 'alice')
    assert.deepEqual((JSON.parse(stdout) as { connections: unknown[] }).connections, [connection])
  })

  test('a link of somebody else connects nothing: neither in another browser nor in another account', async () => {
    home.person = { sub: 'mallory-at-home' }
    const [alice, mallory] = [await open('alice'), await open('bob')]
    const back = await leave(mallory, 'home')
    assert.equal((await alice.follow(back)).response.status, 400)
    // Theirs, as far as the state goes; but what comes of it is for the account that it began in.
    const step = await mallory.request(back)
    const arrived = new URL(step.headers.get('location') as string, back).href
    assert.equal((await alice.follow(arrived)).response.status, 400)
    assert.equal((await findIds(alice)).length, 1)
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const body = new URLSearchParams({ connect: 'home' }).toString()
    assert.equal((await alice.request(page, { method: 'POST', body, headers })).status, 403)
  })

  test('what nothing but opens the account stays, and what is taken away opens nothing', async () => {
    const alice = await open('alice')
    const [id = ''] = await findIds(alice)
    const bob = await open('bob')
    await bob.submit(page, { disconnect: id })
    assert.equal((await findIds(alice)).length, 1)
    const hash = await setPassword('account-alice', null)
    const last = await alice.submit(page, { disconnect: id })
    assert.equal(last.response.status, 422)
    assert.match(toPlain(await last.response.text()), /Nothing else would open your account/)
    await setPassword('account-alice', hash)
    assert.equal((await alice.submit(page, { disconnect: id })).url, page)
    assert.deepEqual(await findIds(alice), [])
    work.person = { sub: 'alice-at-work' }
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'work')
    assert.match(toPlain(await (await browser.follow(back)).response.text()), /Nobody has connected/)
  })

  test('a refusal there is told on the page', async () => {
    work.person = null
    const alice = await open('alice')
    assert.match(toPlain(await (await connect(alice, 'work')).response.text()), /did not want to log in there/)
  })

  test('the trail has a line for each change', async () => {
    const store = await openSqliteStore({ path: `${served.gateway.folder}/data/portcullis.db` })
    const events = await store.db
      .selectFrom('audit_events')
      .selectAll()
      .where('subject', '=', 'account-alice')
      .execute()
    store.close()
    const actions = events.map(({ action }) => action)
    assert.ok(actions.includes('account-connected') && actions.includes('account-disconnected'), actions.join())
  })
})
