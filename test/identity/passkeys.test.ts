import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { Authenticator, type Ceremony } from '../support/authenticator.ts'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { readMails } from '../support/mail-folder.ts'

const rpId = 'localhost'

describe('passkeys of the identity server', () => {
  let served: ServedIdentity
  let people = 0

  before(async () => {
    served = await serveIdentity({ host: 'localhost', identity: '  mail: { folder: mails }' })
  })
  after(() => served?.stop())

  const page = () => `${served.issuer}/account/passkeys`

  /** Somebody who has a password and nothing else yet. */
  async function createPerson(): Promise<string> {
    const name = `p${people++}`
    await createAccount(served.gateway.folder, { id: `account-${name}`, username: `${name}@orchard.test` })
    return `${name}@orchard.test`
  }

  /** What a page asks the browser for. */
  function readOptions(text: string): { challenge: string; user?: { id: string }; excludeCredentials?: unknown[] } {
    const json = /data-options="([^"]*)"/.exec(text)?.[1] ?? assert.fail(text)
    return JSON.parse(json.replaceAll('&quot;', '"'))
  }

  /** A browser at the page of passkeys, logged in just now with the password. */
  async function logIn(name?: string) {
    const username = name ?? (await createPerson())
    const browser = new LoginBrowser()
    const login = await browser.follow(page())
    const { url, response } = await browser.submit(login.url, { username, password })
    assert.equal(url, page())
    return { browser, username, options: readOptions(await response.text()) }
  }

  async function register(authenticator: Authenticator, changes: Partial<Ceremony> = {}) {
    const { browser, options, username } = await logIn()
    const { challenge } = options
    const passkey = authenticator.make({ challenge, origin: served.origin, rpId, ...changes })
    const { response } = await browser.submit(page(), { passkey, name: 'Phone' })
    return { browser, username, options, status: response.status, text: await response.text() }
  }

  /** A browser at the login page of the account. */
  async function begin() {
    const browser = new LoginBrowser()
    const { url, response } = await browser.follow(`${served.issuer}/account`)
    return { browser, url, challenge: readOptions(await response.text()).challenge }
  }
  type Begun = Awaited<ReturnType<typeof begin>>

  async function send({ browser, url }: Pick<Begun, 'browser' | 'url'>, passkey: string) {
    const sent = await browser.submit(`${url}/passkey`, { passkey })
    return { url: sent.url, status: sent.response.status, text: await sent.response.text() }
  }

  async function use(authenticator: Authenticator, userHandle: string | null, changes: Partial<Ceremony> = {}) {
    const begun = await begin()
    const ceremony = { challenge: begun.challenge, origin: served.origin, rpId, userHandle, ...changes }
    return send(begun, authenticator.use(ceremony))
  }

  function assertLoggedIn({ url, text }: { url: string; text: string }, username = '') {
    assert.equal(url, `${served.issuer}/account`)
    assert.match(text, new RegExp(`You are logged in as <strong>${username}`))
  }

  function assertRefused({ status, text }: { status: number; text: string }) {
    assert.equal(status, 422, text)
    assert.match(text, /role="alert">This passkey does not open an account here/)
  }

  /** A passkey of somebody, and by what it knows them. */
  async function createPasskey() {
    const authenticator = new Authenticator()
    const { options, browser, username, text } = await register(authenticator)
    const id = /name="id" value="([^"]+)"/.exec(text)?.[1] as string
    return { authenticator, handle: options.user?.id as string, browser, username, id }
  }

  test('one is added, used, renamed and removed, and its owner is told by mail', async () => {
    const authenticator = new Authenticator()
    const { browser, options, text, username } = await register(authenticator)
    assert.match(text, /<h2[^>]*>Phone<\/h2>[\s\S]*Not used yet/)
    assert.deepEqual(options.excludeCredentials, [])
    assert.equal(readOptions(text).excludeCredentials?.length, 1)
    assertLoggedIn(await use(authenticator, options.user?.id as string), username)
    const id = /name="id" value="([^"]+)"/.exec(text)?.[1] as string
    const renamed = await browser.submit(`${page()}/rename`, { id, name: '<b>Key</b>' })
    assert.match(await renamed.response.text(), /<h2[^>]*>&lt;b&gt;Key&lt;\/b&gt;<\/h2>[\s\S]*Last used on/)
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(61)]) {
      assert.equal((await browser.submit(`${page()}/rename`, { id, name })).response.status, 422)
    }
    const removed = await browser.submit(`${page()}/remove`, { id })
    assert.match(await removed.response.text(), /There is none yet/)
    assertRefused(await use(authenticator, options.user?.id as string))
    const mails = await readMails(join(served.gateway.folder, 'mails'), username, 2)
    assert.match(mails[0] ?? '', /passkey "Phone" was added/)
    assert.match(mails[1] ?? '', /passkey "<b>Key<\/b>" was removed/)
  })

  test('one that is used twice, by replay, opens nothing the second time', async () => {
    const { authenticator, handle } = await createPasskey()
    const begun = await begin()
    const ceremony = { challenge: begun.challenge, origin: served.origin, rpId, userHandle: handle }
    const passkey = authenticator.use(ceremony)
    assertLoggedIn(await send(begun, passkey))
    const again = await begin()
    const replayed = await send(again, passkey)
    assert.equal(replayed.status, 422)
    assert.match(replayed.text, /took too long, or was sent twice/)
    // Of many at the same time, one is taken.
    const [racing, race] = [await begin(), [] as Promise<{ text: string }>[]]
    const once = authenticator.use({ ...ceremony, challenge: racing.challenge })
    for (let i = 0; i < 5; i++) race.push(send(racing, once))
    const logins = (await Promise.all(race)).filter(({ text }) => text.includes('You are logged in as'))
    assert.equal(logins.length, 1)
  })

  test('a challenge is good in its own login only', async () => {
    const { authenticator, handle } = await createPasskey()
    const [victim, attacker] = [await begin(), await begin()]
    const passkey = authenticator.use({ challenge: victim.challenge, origin: served.origin, rpId, userHandle: handle })
    assert.match((await send(attacker, passkey)).text, /took too long/)
    // Without its browser, the login is not even found.
    assert.equal((await send({ browser: attacker.browser, url: victim.url }, passkey)).status, 400)
    // Made up, or made for registration.
    const { options } = await logIn()
    for (const challenge of ['A'.repeat(43), options.challenge]) {
      assert.match((await use(authenticator, handle, { challenge })).text, /took too long/)
    }
    assertLoggedIn(await send(victim, passkey))
  })

  test('what was signed elsewhere, for elsewhere, or without knowing who it is, is refused', async () => {
    const { authenticator, handle } = await createPasskey()
    for (const changes of [
      { origin: 'https://evil.test' },
      { origin: `${served.origin}.evil.test` },
      { origin: served.origin.replace('http:', 'https:') },
      { rpId: 'evil.test' },
      { rpId: 'login.localhost' },
      { flags: 0x01 },
      { flags: 0x04 },
      { flags: 0x00 },
      { type: 'webauthn.create' },
      { client: { crossOrigin: true } },
      { client: { crossOrigin: true, topOrigin: 'https://evil.test' } },
      { client: { topOrigin: 'https://evil.test' } },
    ]) {
      assertRefused(await use(authenticator, handle, changes))
    }
    assertLoggedIn(await use(authenticator, handle))
  })

  test('what is no passkey is refused, and so is one that nobody has, alike', async () => {
    const { authenticator, handle } = await createPasskey()
    const answers = [await use(new Authenticator(), handle), await use(authenticator, handle, { flags: 0x01 })]
    for (const answer of answers) assertRefused(answer)
    const hide = ({ text }: { text: string }) => text.replace(/data-options="[^"]*"/, '').replace(/login\/[\w-]+/g, '')
    assert.equal(hide(answers[0] as never), hide(answers[1] as never))
    const good = JSON.parse(authenticator.use({ challenge: 'x', origin: served.origin, rpId, userHandle: handle }))
    const begun = await begin()
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      '{"id":"x"}',
      JSON.stringify({ ...good, id: 'another' }),
      JSON.stringify({ ...good, response: { ...good.response, clientDataJSON: '____' } }),
      JSON.stringify({ ...good, response: { ...good.response, userHandle: 5 } }),
    ]) {
      const { status } = await send(begun, text)
      assert.equal(status, 422, text)
    }
  })

  test('a counter that goes back is a copy: it is refused, and told', async () => {
    const { authenticator, handle } = await createPasskey()
    assertLoggedIn(await use(authenticator, handle, { counter: 7 }))
    for (const counter of [7, 3, 0]) assertRefused(await use(authenticator, handle, { counter }))
    await eventually('the log tells', () => served.gateway.output().includes('passkey_counter_back'))
    assertLoggedIn(await use(authenticator, handle, { counter: 8 }))
    // What counts nothing goes on to count nothing.
    const other = await createPasskey()
    for (let i = 0; i < 2; i++) assertLoggedIn(await use(other.authenticator, other.handle, { counter: 0 }))
  })

  test('one of another account, or that does not say whose it is, opens nothing', async () => {
    const [alice, bob] = [await createPasskey(), await createPasskey()]
    assert.notEqual(alice.handle, bob.handle)
    for (const handle of [bob.handle, null, 'A'.repeat(43)]) assertRefused(await use(alice.authenticator, handle))
    // The id of Alice's with the key of Bob's.
    const forged = new Authenticator()
    Object.assign(forged, { id: alice.authenticator.id })
    assertRefused(await use(forged, alice.handle))
  })

  test('one cannot be added to another account, nor without its challenge, nor twice', async () => {
    const authenticator = new Authenticator()
    const [alice, bob] = [await logIn(), await logIn()]
    const made = authenticator.make({ challenge: bob.options.challenge, origin: served.origin, rpId })
    const elsewhere = await alice.browser.submit(page(), { passkey: made })
    assert.equal(elsewhere.response.status, 422)
    assert.match(await elsewhere.response.text(), /took too long/)
    assert.equal((await bob.browser.submit(page(), { passkey: made })).response.status, 200)
    assert.match(await (await bob.browser.submit(page(), { passkey: made })).response.text(), /took too long/)
    // The same credential, for Alice: whoever has it would be Bob to one login and Alice to the next.
    const taken = await register(authenticator)
    assert.equal(taken.status, 422)
    assert.match(taken.text, /was added before/)
    // A login's challenge makes no passkey.
    const { challenge } = await begin()
    assert.equal((await register(new Authenticator(), { challenge })).status, 422)
  })

  test('one that was made elsewhere, or does not know who uses it, is not added', async () => {
    for (const changes of [
      { origin: 'https://evil.test' },
      { rpId: 'evil.test' },
      { flags: 0x41 },
      { flags: 0x44 },
      { type: 'webauthn.get' },
      { client: { crossOrigin: true } },
    ]) {
      const { status, text } = await register(new Authenticator(), changes)
      assert.equal(status, 422)
      assert.match(text, /role="alert">The passkey was not added/)
    }
  })

  test('a statement about its maker, which nobody asked for, is not looked at', async () => {
    const { browser, options } = await logIn()
    const ceremony = { challenge: options.challenge, origin: served.origin, rpId }
    // {"x5c": [h'00']}: no certificate at all, which whoever looks at it stumbles over.
    const statement = Buffer.from('a163783563814100', 'hex')
    const passkey = new Authenticator().make(ceremony, statement, 'android-key')
    assert.equal((await browser.submit(page(), { passkey })).response.status, 200)
  })

  test('forms of other sites add, rename and remove nothing, and log nobody in', async () => {
    const { browser } = await logIn()
    const { url } = await begin()
    for (const path of [page(), `${page()}/rename`, `${page()}/remove`, `${url}/passkey`]) {
      const headers = { origin: 'https://evil.test', 'content-type': 'application/x-www-form-urlencoded' }
      assert.equal((await browser.request(path, { method: 'POST', body: 'id=x&name=y', headers })).status, 403, path)
    }
    // Whoever is not logged in is sent to log in.
    const nobody = new LoginBrowser()
    for (const path of ['', '/rename', '/remove']) {
      const headers = { origin: served.origin, 'content-type': 'application/x-www-form-urlencoded' }
      const { status, headers: sent } = await nobody.request(page() + path, { method: 'POST', body: 'id=x', headers })
      assert.deepEqual([status, sent.get('location')?.includes('/authorize?')], [303, true])
    }
  })

  test('a passkey of somebody else is neither renamed nor removed', async () => {
    const { browser } = await logIn()
    const { id } = await createPasskey()
    for (const step of ['rename', 'remove']) {
      const { response } = await browser.submit(`${page()}/${step}`, { id, name: 'Mine' })
      assert.match(await response.text(), /There is no such passkey/)
    }
  })

  test('an account of another tenant, and one that was disabled, stay closed', async () => {
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const { authenticator, handle, username } = await createPasskey()
    const id = `account-${username.split('@')[0]}`
    await store.accounts.disable(id, Date.now())
    assertRefused(await use(authenticator, handle))
    await store.accounts.enable(id, Date.now())
    assertLoggedIn(await use(authenticator, handle))
    await store.db.updateTable('accounts').set({ tenant: 'elsewhere' }).where('id', '=', id).execute()
    assertRefused(await use(authenticator, handle))
    store.close()
  })

  test('what opens an account last stays', async () => {
    const { authenticator, handle, username, browser, id } = await createPasskey()
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const account = `account-${username.split('@')[0]}`
    await store.db.updateTable('accounts').set({ password_hash: null }).where('id', '=', account).execute()
    store.close()
    const { response } = await browser.submit(`${page()}/remove`, { id })
    assert.equal(response.status, 422)
    assert.match(await response.text(), /nothing else opens your account/)
    assertLoggedIn(await use(authenticator, handle))
  })

  test('a passkey moved to another account in the store opens neither', async () => {
    const [one, other] = [await createPasskey(), await createPasskey()]
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const account = `account-${other.username.split('@')[0]}`
    await store.db.updateTable('factors').set({ account }).where('id', '=', one.id).execute()
    for (const handle of [one.handle, other.handle]) {
      const { text, status } = await use(one.authenticator, handle)
      assert.equal(status, 503)
      assert.ok(!text.includes('You are logged in'))
    }
    store.close()
  })

  describe('as a second factor', () => {
    /** A browser that gave the password of somebody with a passkey. */
    async function giveHalf({ username }: { username: string }) {
      const begun = await begin()
      const { url, response } = await begun.browser.submit(begun.url, { username, password })
      assert.match(url, /\/factor$/)
      return { ...begun, url, first: begun.challenge, challenge: readOptions(await response.text()).challenge }
    }
    const prove = async ({ browser, url }: Pick<Begun, 'browser' | 'url'>, passkey: string) => {
      const sent = await browser.submit(url, { factor: 'passkey', passkey })
      return { url: sent.url, status: sent.response.status, text: await sent.response.text() }
    }

    test('the passkey of the account finishes the login, and no other does', async () => {
      const [mine, other] = [await createPasskey(), await createPasskey()]
      const half = await giveHalf(mine)
      const ceremony = { challenge: half.challenge, origin: served.origin, rpId }
      assertRefused(await prove(half, other.authenticator.use({ ...ceremony, userHandle: other.handle })))
      const again = await giveHalf(mine)
      assertRefused(
        await prove(again, mine.authenticator.use({ ...ceremony, challenge: again.challenge, flags: 0x01 })),
      )
      // The challenge of the login page is one of the login page.
      assertRefused(await prove(again, mine.authenticator.use({ ...ceremony, challenge: again.first })))
      const last = await giveHalf(mine)
      assertLoggedIn(
        await prove(last, mine.authenticator.use({ ...ceremony, challenge: last.challenge })),
        mine.username,
      )
    })

    test('without a password before it, a second factor is nothing', async () => {
      const mine = await createPasskey()
      const begun = await begin()
      const ceremony = { challenge: begun.challenge, origin: served.origin, rpId, userHandle: mine.handle }
      const { text } = await prove({ ...begun, url: `${begun.url}/factor` }, mine.authenticator.use(ceremony))
      assert.ok(!text.includes('You are logged in'))
    })
  })

  test('their script runs on their pages, and on no other page any does', async () => {
    const begun = await begin()
    const toPolicy = async (path: string, browser = new LoginBrowser()) => {
      const { response } = await browser.follow(path)
      return { policy: response.headers.get('content-security-policy') ?? '', text: await response.text() }
    }
    const { policy, text } = await toPolicy(begun.url, begun.browser)
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; form-action 'self'/)
    assert.equal(text.split('<script').length, 2)
    for (const path of ['/reset', '/password', '/authorize', '/account']) {
      const { browser } = path === '/account' ? await logIn() : { browser: new LoginBrowser() }
      const other = await toPolicy(served.issuer + path, browser)
      assert.ok(!/script-src '/.test(other.policy), other.policy)
    }
  })
})
