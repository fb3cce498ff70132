import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createPeopleStore } from '../../src/runtime/people-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { callback, createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

interface Answer {
  readonly status: number
  readonly access_token?: string
  readonly refresh_token?: string
}

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

describe('who is logged in', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity()
    for (const name of ['alice', 'bob', 'carol', 'dave'])
      await createAccount(served.gateway.folder, { id: `account-${name}`, username: name })
  })
  after(() => served?.stop())

  const authorize = (client: 'cli' | 'web', scope = 'openid orders:read') =>
    `${served.issuer}/authorize?${new URLSearchParams({
      client_id: client,
      response_type: 'code',
      scope,
      ...(scope.includes('offline_access') && { prompt: 'consent' }),
      redirect_uri: client === 'cli' ? callback : 'https://shop.example.test/callback',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })}`
  const ask = async (fields: Record<string, string>): Promise<Answer> => {
    const client = fields.client_id === 'web' ? { client_secret: secrets.web } : {}
    const body = new URLSearchParams({ ...fields, ...client })
    const response = await fetch(`${served.issuer}/token`, { method: 'POST', body })
    return { ...((await response.json()) as object), status: response.status }
  }

  /** Logs in at a client, and redeems the code. */
  async function open(browser: LoginBrowser, username: string, client: 'cli' | 'web' = 'cli', scope?: string) {
    const end = new URL(await browser.logIn(authorize(client, scope), { username, password }))
    const redirect = client === 'cli' ? callback : 'https://shop.example.test/callback'
    const code = end.searchParams.get('code') as string
    assert.ok(code, end.href)
    const fields = { grant_type: 'authorization_code', client_id: client, code, redirect_uri: redirect }
    return ask({ ...fields, code_verifier: verifier })
  }
  const refresh = (token: string | undefined, client = 'cli') =>
    ask({ grant_type: 'refresh_token', client_id: client, refresh_token: token ?? '' })
  const callApi = async (tokens: Pick<Answer, 'access_token'>) =>
    (await served.callApi(`Bearer ${tokens.access_token}`)).status
  const isRefused = (tokens: Pick<Answer, 'access_token'>) =>
    eventually('the API refuses it', async () => (await callApi(tokens)) === 401, 1000)
  const page = async (browser: LoginBrowser, path: string) => {
    const { url, response } = await browser.follow(`${served.issuer}/account/${path}`)
    return { url, text: await response.text() }
  }
  const submit = async (browser: LoginBrowser, path: string, fields: Record<string, string> = {}) => {
    const { response } = await browser.submit(`${served.issuer}/account/${path}`, fields)
    return { status: response.status, text: await response.text() }
  }
  const sessionsIn = (text: string) => [...text.matchAll(/name="session" value="([0-9a-f]{24})"/g)].map(([, id]) => id)

  test('sees the browsers, and ends one of them from the other', async () => {
    const [first, second] = [new LoginBrowser(undefined, { 'user-agent': firefox }), new LoginBrowser()]
    const one = await open(first, 'alice')
    const two = await open(second, 'alice')
    const { text } = await page(second, 'sessions')
    assert.match(text, /Firefox, Linux/)
    assert.equal(text.match(/this browser/g)?.length, 1)
    assert.equal(sessionsIn(text).length, 2)
    const item = text.split('<li>').find((part) => part.includes('Firefox')) as string
    await submit(second, 'sessions', { session: sessionsIn(item)[0] as string })
    await isRefused(one)
    assert.equal((await refresh(one.refresh_token)).status, 400)
    assert.match((await page(first, 'sessions')).url, /\/login\//)
    assert.equal(await callApi(two), 200)
    assert.equal(sessionsIn((await page(second, 'sessions')).text).length, 1)
  })

  test('cannot end the login of anybody else', async () => {
    const [alice, bob] = [new LoginBrowser(), new LoginBrowser()]
    await open(alice, 'alice')
    const tokens = await open(bob, 'bob')
    const [id] = sessionsIn((await page(bob, 'sessions')).text)
    await submit(alice, 'sessions', { session: id as string })
    assert.equal(sessionsIn((await page(bob, 'sessions')).text).length, 1)
    assert.equal(await callApi(tokens), 200)
  })

  test('logs out everywhere within a second, and in again at once', async () => {
    const [first, second] = [new LoginBrowser(), new LoginBrowser()]
    const one = await open(first, 'bob')
    const two = await open(second, 'bob', 'web', 'openid offline_access orders:read')
    const done = await submit(first, 'sessions/all')
    assert.match(done.text, /You are logged out/)
    const anew = await open(first, 'bob')
    for (const tokens of [one, two]) await isRefused(tokens)
    assert.equal((await refresh(two.refresh_token, 'web')).status, 400)
    assert.match((await page(second, 'sessions')).url, /\/login\//)
    assert.equal(await callApi(anew), 200)
    assert.equal((await refresh(anew.refresh_token)).status, 200)
  })

  test('is not logged in again by a request that had read the session before', async () => {
    const browser = new LoginBrowser()
    const tokens = await open(browser, 'carol')
    const path = join(served.gateway.folder, 'data', 'portcullis.db')
    const store = await openSqliteStore({ path })
    const kept = await store.db.selectFrom('artefacts').selectAll().where('account', 'is not', null).execute()
    const end = { accountId: 'account-carol', tokens: null, now: Date.now() }
    await createPeopleStore(store.db).signOut(end)
    // As the request would, once it goes on.
    await store.db
      .insertInto('artefacts')
      .values(kept.filter(({ kind }) => kind !== 'Interaction'))
      .onConflict((one) => one.doNothing())
      .execute()
    await store.close()
    assert.match((await page(browser, 'sessions')).url, /\/login\//)
    assert.match(await (await browser.follow(authorize('cli'))).response.text(), /name="password"/)
    assert.equal((await refresh(tokens.refresh_token)).status, 400)
  })

  test('takes back what an application was allowed, and it has to ask again', async () => {
    const browser = new LoginBrowser()
    const tokens = await open(browser, 'dave', 'web', 'openid offline_access orders:read')
    const { text } = await page(browser, 'applications')
    assert.match(text, /The web shop[\s\S]*<code>orders:read<\/code>/)
    assert.doesNotMatch(text, /portcullis-account/)
    assert.equal(await callApi(tokens), 200)
    assert.match((await submit(browser, 'applications', { client: 'web' })).text, /no application/)
    await isRefused(tokens)
    assert.equal((await refresh(tokens.refresh_token, 'web')).status, 400)
    assert.match(await (await browser.follow(authorize('web'))).response.text(), /wants to/)
  })

  test('of a sign-out and refreshes at the same time, nothing is left that opens', async () => {
    const browser = new LoginBrowser()
    for (let turn = 0; turn < 5; turn++) {
      const tokens = await open(browser, 'dave', 'web', 'openid offline_access orders:read')
      const [refreshed] = await Promise.all([refresh(tokens.refresh_token, 'web'), submit(browser, 'sessions/all')])
      if (refreshed.access_token !== undefined) {
        await isRefused(refreshed)
        assert.equal((await refresh(refreshed.refresh_token, 'web')).status, 400)
      }
      await isRefused(tokens)
    }
  })

  test('is refused forms of other sites', async () => {
    const browser = new LoginBrowser()
    const tokens = await open(browser, 'alice')
    for (const path of ['sessions', 'sessions/all', 'applications']) {
      const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
      const response = await browser.request(`${served.issuer}/account/${path}`, { method: 'POST', headers })
      assert.equal(response.status, 403, path)
    }
    assert.equal(await callApi(tokens), 200)
  })
})
