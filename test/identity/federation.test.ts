import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { toRemoval } from '../../src/identity/people/removal.ts'
import { createPeopleStore } from '../../src/runtime/people-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import {
  goWith,
  listAccounts,
  logInWith,
  pressButton,
  readWayThere,
  redeemAt,
  toAuthorize,
  toPlain,
} from '../support/federation.ts'
import { type GitHubServer, startGitHubServer } from '../support/github-server.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts'
import { runCli } from '../support/run-cli.ts'

const secret = 'a secret of the tests that is long enough'
const alone = { allowPrivateAddress: { reason: 'a test' }, clientSecret: 'env:TEST_UPSTREAM_SECRET' }

describe('login through other servers', () => {
  let work: OidcServer
  let evil: OidcServer
  let github: GitHubServer
  let served: ServedIdentity

  before(async () => {
    process.env.TEST_UPSTREAM_SECRET = secret
    work = await startOidcServer()
    evil = await startOidcServer()
    github = await startGitHubServer({ id: 'gh', secret })
    const roles = [{ claim: 'groups', value: 'staff', roles: ['clerk'] }]
    const providers = {
      github: { ...alone, clientId: 'gh', server: github.url },
      office: { ...alone, clientId: 'p', issuer: work.issuer, label: 'The works', roles },
      evil: { ...alone, clientId: 'p', issuer: evil.issuer },
      away: { ...alone, clientId: 'p', issuer: 'http://127.0.0.1:9' },
    }
    served = await serveIdentity({ identity: `  signUp: open\n  providers: ${JSON.stringify(providers)}` })
    for (const [name, server] of [
      ['office', work],
      ['evil', evil],
    ] as const)
      server.register({ id: 'p', secret, redirectUri: `${served.issuer}/with/${name}/callback` })
    await createAccount(served.gateway.folder)
    await createAccount(served.gateway.folder, { id: 'account-bob', username: 'bob@orchard.test' })
  })
  after(async () => {
    await served?.stop()
    for (const one of [work, evil, github]) await one?.close()
  })

  const logIn = (provider: string, browser = new LoginBrowser()) => logInWith(browser, served.issuer, provider)
  /** A browser of somebody who is logged in there. */
  function personOf(person: { sub: string; email: string }): LoginBrowser {
    work.person = { ...person, email_verified: true }
    return new LoginBrowser()
  }
  const show = async ({ response }: { response: Response }) => toPlain(await response.text())

  test('the login page offers them, by buttons that need no script', async () => {
    const { response } = await new LoginBrowser().follow(toAuthorize(served.issuer))
    const page = await response.text()
    for (const label of ['GitHub', 'The works', 'evil']) assert.match(page, new RegExp(`Log in with ${label}</button>`))
  })

  test('who is not known gets an account of the address that was verified, once', async () => {
    work.person = { sub: 'w-1', email: 'Ann@Orchard.test', email_verified: true, groups: ['staff'] }
    const first = await logIn('office')
    assert.deepEqual([first.username, first.roles], ['ann@orchard.test', ['clerk']])
    const second = await logIn('office')
    assert.equal(second.accountId, first.accountId)
  })

  test('roles follow the claim, and are no roles of the account itself', async () => {
    work.person = { sub: 'w-1', email: 'ann@orchard.test', email_verified: true, groups: ['non-staff'] }
    assert.deepEqual((await logIn('office')).roles, [])
    work.person = { ...work.person, groups: ['sales', 'staff'] }
    assert.deepEqual((await logIn('office')).roles, ['clerk'])
    const ann = (await listAccounts(served)).find(({ username }) => username === 'ann@orchard.test')
    assert.deepEqual(ann?.roles, [])
  })

  test('an address that is not verified is no name: the account has one of its own', async () => {
    work.person = { sub: 'w-2', email: 'carol@orchard.test', email_verified: false }
    const { username } = await logIn('office')
    assert.match(username, /^office-[0-9a-z]{12}$/)
  })

  test('GitHub: the primary address of the list, if it is verified, and an id that is a number', async () => {
    const emails = [
      { email: 'first@orchard.test', primary: false, verified: true },
      { email: 'dora@orchard.test', primary: true, verified: true },
    ]
    github.person = { id: 4711, login: 'dora', name: 'Dora', emails }
    const first = await logIn('github')
    assert.equal(first.username, 'dora@orchard.test')
    github.person = { ...github.person, login: 'renamed', emails: [] }
    assert.equal((await logIn('github')).accountId, first.accountId)
    github.person = {
      id: 4712,
      login: 'eve',
      name: null,
      emails: [{ email: 'bob@orchard.test', primary: true, verified: false }],
    }
    assert.match((await logIn('github')).username, /^github-/)
  })

  test('an account of the same address is connected only by who can open it', async () => {
    work.person = { sub: 'w-bob', email: 'bob@orchard.test', email_verified: true }
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'office')
    const asked = await browser.follow(back)
    assert.match(await show(asked), /There is an account with your address\. Log in to it once/)
    const login = asked.url.replace(/\/with\/.*$/, '')
    const wrong = await browser.submit(login, { username: 'bob@orchard.test', password: 'not the password' })
    assert.match(await show(wrong), /wrong/)
    const bob = await redeemAt(
      browser,
      served.issuer,
      await browser.submit(login, { username: 'bob@orchard.test', password }),
    )
    assert.equal(bob.accountId, 'account-bob')
    assert.equal((await logIn('office')).accountId, 'account-bob')
  })

  test('who logs in to another account instead has connected nothing', async () => {
    await createAccount(served.gateway.folder, { id: 'account-fay', username: 'fay@orchard.test' })
    work.person = { sub: 'w-fay', email: 'fay@orchard.test', email_verified: true }
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'office')
    const login = (await browser.follow(back)).url.replace(/\/with\/.*$/, '')
    assert.equal(
      (await redeemAt(browser, served.issuer, await browser.submit(login, { username: 'alice', password }))).accountId,
      'account-alice',
    )
    const again = new LoginBrowser()
    assert.match(
      await show(await again.follow((await goWith(again, served.issuer, 'office')).back)),
      /There is an account/,
    )
  })

  test('an address that nobody has verified takes no account over', async () => {
    const naive = (email: string) =>
      listAccounts(served).then((all) => all.find(({ username }) => username === email)?.id)
    evil.person = { sub: 'e-1', email: 'bob@orchard.test', email_verified: false }
    // What a server would do that connects by address.
    assert.equal(await naive(evil.person.email as string), 'account-bob')
    const { accountId, username } = await logIn('evil')
    assert.notEqual(accountId, 'account-bob')
    assert.match(username, /^evil-/)
    // Verified, as it says: whoever is there still has to know the password.
    evil.person = { sub: 'e-2', email: 'bob@orchard.test', email_verified: true }
    const browser = new LoginBrowser()
    const { url, response } = await browser.follow((await goWith(browser, served.issuer, 'evil')).back)
    assert.match(toPlain(await response.text()), /There is an account/)
    assert.equal(new URL(url).searchParams.get('code'), null)
  })

  test("a name that is reserved since its account was deleted is nobody else's", async () => {
    const { accountId, username } = await logIn('office', personOf({ sub: 'w-gone', email: 'gone@orchard.test' }))
    const store = await openSqliteStore({ path: `${served.gateway.folder}/data/portcullis.db` })
    const now = Date.now()
    const tokens = { issuer: served.issuer, endsAt: now + 60_000 }
    const removal = toRemoval({ id: accountId, tenant: null, username }, tokens, null, now)
    await createPeopleStore(store.db).remove(removal)
    store.close()
    const browser = personOf({ sub: 'w-heir', email: 'gone@orchard.test' })
    const { back } = await goWith(browser, served.issuer, 'office')
    assert.match(await show(await browser.follow(back)), /was deleted a short while ago/)
    assert.ok((await listAccounts(served)).every((account) => account.username !== 'gone@orchard.test'))
    // Who has no name of that kind is let in.
    work.person = { sub: 'w-heir', email: 'gone@orchard.test', email_verified: false }
    assert.match((await logIn('office')).username, /^office-/)
  })

  describe('where a new login is demanded', () => {
    /** Somebody who has been logged in at the other server for a while; answers where the client's demand leads. */
    async function ask(demand: Record<string, string>, provider = 'office') {
      work.person = { sub: 'w-1', email: 'ann@orchard.test', email_verified: true }
      const [browser, upstream] = [new LoginBrowser(), new LoginBrowser()]
      await goWith(new LoginBrowser(), served.issuer, 'office', upstream)
      await new Promise((resolve) => setTimeout(resolve, 2100))
      work.logins = 0
      const login = await browser.follow(toAuthorize(served.issuer, demand))
      const sent = await browser.submit(`${login.url}/with/${provider}`, {})
      const page = await sent.response.clone().text()
      if (!sent.response.headers.has('refresh')) return { page, browser, upstream, login }
      const there = await readWayThere(sent.response)
      const { url: back } = await upstream.follow(there.href)
      return { page, browser, upstream, login, there, back }
    }

    test('it is demanded of the other server as well, whose old login does not count', async () => {
      const plain = await ask({})
      assert.equal(plain.there?.searchParams.has('max_age'), false)
      assert.equal(work.logins, 0, 'its login of before is enough')
      for (const demand of [{ prompt: 'login' }, { max_age: '1' }]) {
        const { browser, back, there } = await ask(demand)
        assert.equal(there?.searchParams.get('max_age'), demand.max_age ?? '0')
        assert.equal(work.logins, 1, JSON.stringify(demand))
        await redeemAt(browser, served.issuer, await browser.follow(back as string))
      }
    })

    test('one that is new enough counts from when it was', async () => {
      const before = Math.floor(Date.now() / 1000)
      const { browser, back } = await ask({ max_age: '600' })
      assert.equal(work.logins, 0)
      const { authTime } = await redeemAt(browser, served.issuer, await browser.follow(back as string))
      assert.ok(authTime !== undefined && authTime <= before + 1, `${authTime} ${before}`)
    })

    test('a person who takes the demand out of the address is not let in', async () => {
      const { browser, upstream, there } = await ask({ prompt: 'login' })
      const copy = new URL(there as URL)
      for (const name of ['max_age', 'prompt']) copy.searchParams.delete(name)
      const { url } = await upstream.follow(copy.href)
      assert.match(await show(await browser.follow(url)), /does not say that you have just logged in there/)
    })

    test('who has signed out everywhere is not let in by a login there of before', async () => {
      const { browser, upstream, back } = await ask({ max_age: '600' })
      const { status, stderr } = await runCli(served.gateway.folder, 'users', 'sign-out', 'ann@orchard.test')
      assert.equal(status, 0, stderr)
      const there = await readWayThere((await browser.follow(back as string)).response)
      assert.deepEqual([there.searchParams.get('max_age'), there.searchParams.get('prompt')], ['0', 'login'])
      const { url } = await upstream.follow(there.href)
      assert.equal(work.logins, 1)
      await redeemAt(browser, served.issuer, await browser.follow(url))
    })

    test('a server that cannot say when somebody logged in is no way in', async () => {
      for (const demand of [{ prompt: 'login' }, { max_age: '600' }]) {
        const { page } = await ask(demand, 'github')
        assert.match(toPlain(page), /GitHub does not say that you have just logged in there/)
      }
    })
  })

  test('the same subject at another server is somebody else', async () => {
    evil.person = { sub: 'w-1', email: 'other@orchard.test', email_verified: true }
    assert.equal((await logIn('evil')).username, 'other@orchard.test')
  })

  test('a link with the state or the code of somebody else logs nobody in', async () => {
    work.person = { sub: 'w-mallory', email: 'mallory@orchard.test', email_verified: true }
    const [mallory, victim] = [new LoginBrowser(), new LoginBrowser()]
    const theirs = await goWith(mallory, served.issuer, 'office')
    const bare = await victim.follow(theirs.back)
    assert.equal(bare.response.status, 400)
    // The victim has begun a login as well, so that they have a cookie and a state of their own.
    const own = await goWith(victim, served.issuer, 'office')
    assert.equal((await victim.follow(theirs.back)).response.status, 400)
    const swapped = new URL(own.back)
    swapped.searchParams.set('code', new URL(theirs.back).searchParams.get('code') as string)
    const stolen = await victim.follow(swapped.href)
    assert.match(await show(stolen), /in a way that can be trusted/)
    // It was not used up by the attempts, and is good in the browser that it began in.
    assert.equal(
      (await redeemAt(mallory, served.issuer, await mallory.follow(theirs.back))).username,
      'mallory@orchard.test',
    )
  })

  test('what was used once is used', async () => {
    work.person = { sub: 'w-1', email: 'ann@orchard.test', email_verified: true }
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'office')
    const step = await browser.request(back)
    const arrived = new URL(step.headers.get('location') as string, back).href
    assert.equal((await browser.request(back)).status, 400)
    // Another browser has not the login that it belongs to.
    assert.equal((await new LoginBrowser().follow(arrived)).response.status, 400)
    await redeemAt(browser, served.issuer, await browser.follow(arrived))
    assert.equal((await browser.follow(arrived)).response.status, 400)
  })

  test('of two answers at the same time one is heard, and makes one account', async () => {
    work.person = { sub: 'w-twice', email: 'twice@orchard.test', email_verified: true }
    const browsers = [new LoginBrowser(), new LoginBrowser()]
    const ways = await Promise.all(browsers.map((browser) => goWith(browser, served.issuer, 'office')))
    const ends = await Promise.all(browsers.map((browser, i) => browser.follow(ways[i]?.back as string)))
    const ids = await Promise.all(
      ends.map(async (end, i) => (await redeemAt(browsers[i] as LoginBrowser, served.issuer, end)).accountId),
    )
    assert.equal(ids[0], ids[1])
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'office')
    const statuses = (await Promise.all([browser.request(back), browser.request(back)])).map(({ status }) => status)
    assert.deepEqual(statuses.sort(), [303, 400])
  })

  test('answers of one server are not taken for those of another', async () => {
    work.person = { sub: 'w-1', email: 'ann@orchard.test', email_verified: true }
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'office')
    // At the address of the other one: the state is not for it, and the code of one is not shown to the other.
    const elsewhere = back.replace('/with/office/', '/with/evil/')
    assert.equal((await browser.follow(elsewhere)).response.status, 400)
    const named = new URL(back)
    named.searchParams.set('iss', evil.issuer)
    assert.match(await show(await browser.follow(named.href)), /in a way that can be trusted/)
    const unnamed = new URL((await goWith(browser, served.issuer, 'office')).back)
    unnamed.searchParams.delete('iss')
    assert.match(await show(await browser.follow(unnamed.href)), /in a way that can be trusted/)
  })

  test('who does not agree there, and a server that is away, leave the password', async () => {
    work.person = null
    const browser = new LoginBrowser()
    const { back } = await goWith(browser, served.issuer, 'office')
    const denied = await browser.follow(back)
    assert.match(await show(denied), /The works says that you did not want to log in there/)
    const login = denied.url.replace(/\/with\/.*$/, '')
    const away = await browser.submit(`${login}/with/away`, {})
    assert.match(await show(away), /away cannot be reached at this moment/)
    const { accountId } = await redeemAt(
      browser,
      served.issuer,
      await browser.submit(login, { username: 'alice', password }),
    )
    assert.equal(accountId, 'account-alice')
  })

  test('forms of other sites send nobody anywhere, and answers lead nowhere but back', async () => {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(toAuthorize(served.issuer))
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    assert.equal((await browser.request(`${url}/with/office`, { method: 'POST', headers })).status, 403)
    const there = await pressButton(browser, url, 'office')
    assert.equal(there.searchParams.get('redirect_uri'), `${served.issuer}/with/office/callback`)
    for (const query of [
      '',
      '?state=x',
      `?state=${'x'.repeat(43)}&code=1`,
      '?problem=denied',
      '?redirect_uri=https://evil.test',
    ]) {
      const response = await browser.request(`${served.issuer}/with/office/callback${query}`)
      assert.deepEqual([response.status, response.headers.get('location')], [400, null], query)
    }
    const odd = await browser.submit(`${url}/with/nobody`, {})
    assert.match(await show(odd), /Nobody can log in with nobody any more/)
  })

  test('what a person is sent with says as much as it must: PKCE, a nonce, a state, one browser', async () => {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(toAuthorize(served.issuer))
    const { searchParams } = await pressButton(browser, url, 'office')
    assert.equal(searchParams.get('code_challenge_method'), 'S256')
    for (const name of ['state', 'nonce', 'code_challenge']) assert.match(searchParams.get(name) ?? '', /^[\w-]{43}$/)
    assert.equal(browser.cookies.get('portcullis-with')?.path, '/')
  })

  test('neither the log nor the store tells what opens anything', async () => {
    const said = served.gateway.output()
    assert.match(said, /upstream_login_failed/)
    assert.ok(!said.includes(secret))
  })
})
