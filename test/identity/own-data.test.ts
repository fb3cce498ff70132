import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { findLink, readMails } from '../support/mail-folder.ts'

const verifier = randomBytes(32).toString('base64url')

describe('the data of an account', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity({ identity: '  mail: { folder: mails }\n  signUp: open' })
    for (const name of ['ann', 'bob', 'carol'])
      await createAccount(served.gateway.folder, { id: `account-${name}`, username: `${name}@orchard.test` })
  })
  after(() => served?.stop())

  const openStore = () => openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
  const authorize = () =>
    `${served.issuer}/authorize?${new URLSearchParams({
      client_id: 'cli',
      response_type: 'code',
      scope: 'openid orders:read',
      redirect_uri: callback,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })}`
  async function logIn(name: string) {
    const browser = new LoginBrowser()
    const end = new URL(await browser.logIn(authorize(), { username: `${name}@orchard.test`, password }))
    return { browser, code: end.searchParams.get('code') }
  }
  async function redeem(code: string | null): Promise<{ access_token?: string }> {
    const body = new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: 'cli', code: code ?? '' },
      ...{ redirect_uri: callback, code_verifier: verifier },
    })
    return (await (await fetch(`${served.issuer}/token`, { method: 'POST', body })).json()) as { access_token?: string }
  }
  const remove = async (browser: LoginBrowser, username: string) => {
    const { response } = await browser.submit(`${served.issuer}/account/delete`, { username })
    return { status: response.status, text: await response.text() }
  }
  /** As it is an hour later. */
  const ageLogins = async () => {
    const store = await openStore()
    await store.db.deleteFrom('artefacts').where('kind', '=', 'Session').execute()
    await store.close()
  }

  test('is downloaded, without a secret and without what is of others', async () => {
    const { browser, code } = await logIn('ann')
    await redeem(code)
    await logIn('bob')
    const response = await browser.request(`${served.issuer}/account/data/file`)
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const text = await response.text()
    const data = JSON.parse(text)
    assert.equal(data.account.username, 'ann@orchard.test')
    assert.equal(data.logins.length, 1)
    assert.deepEqual(
      data.applications.map(({ client, scopes }: { client: string; scopes: string[] }) => [client, scopes]),
      [['cli', ['openid', 'orders:read']]],
    )
    assert.doesNotMatch(text, /argon2|bob@/)
  })

  test('asks who is not logged in, for both', async () => {
    await ageLogins()
    const browser = new LoginBrowser()
    for (const path of ['data', 'data/file', 'delete'])
      assert.match((await browser.follow(`${served.issuer}/account/${path}`)).url, /\/login\//, path)
  })

  test('goes with the account: name typed, tokens, grants, logins, and a mail tells of it', async () => {
    const { browser, code } = await logIn('bob')
    const other = await logIn('bob')
    const tokens = await redeem(code)
    const call = async () => (await served.callApi(`Bearer ${tokens.access_token}`)).status
    assert.equal(await call(), 200)
    const refused = await remove(browser, 'ann@orchard.test')
    assert.deepEqual([refused.status, /role="alert"/.test(refused.text)], [422, true])
    assert.match((await remove(browser, 'Bob@Orchard.test')).text, /Your account is deleted/)
    await eventually('the API refuses it', async () => (await call()) === 401, 1000)
    assert.equal((await redeem(other.code)).access_token, undefined)
    assert.match((await other.browser.follow(`${served.issuer}/account`)).url, /\/login\//)
    assert.equal((await logIn('bob')).code, null)
    assert.match((await readMails(join(served.gateway.folder, 'mails'), 'bob@orchard.test', 1))[0] ?? '', /deleted/)
    const store = await openStore()
    const { digestSecret } = await import('../../src/crypto/digest.ts')
    const kept = await store.db
      .selectFrom('artefacts')
      .select('kind')
      .where('account', '=', digestSecret('account-bob'))
      .execute()
    const lines = await store.db
      .selectFrom('audit_events')
      .selectAll()
      .where('action', '=', 'account-removed')
      .execute()
    await store.close()
    assert.deepEqual(kept, [])
    assert.equal(lines.length, 1)
    assert.doesNotMatch(JSON.stringify(lines), /orchard/)
  })

  test('leaves a name that nobody has while tokens of the old account may be about', async () => {
    const init = { origin: served.origin, 'sec-fetch-site': 'same-origin' }
    const post = (path: string, fields: Record<string, string>) =>
      fetch(`${served.issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers: init })
    assert.equal((await post('/sign-up', { email: 'bob@orchard.test' })).status, 200)
    const mails = await readMails(join(served.gateway.folder, 'mails'), 'bob@orchard.test', 2)
    const token = new URL(findLink(mails.at(-1) ?? '')).searchParams.get('token') ?? ''
    assert.equal((await post('/sign-up/confirm', { token, 'new-password': 'seven owls over a pond' })).status, 410)
  })

  test('of a deletion and logins at the same time, no login is left', async () => {
    const { browser } = await logIn('carol')
    const [removed, ...logins] = await Promise.all([
      remove(browser, 'carol@orchard.test'),
      ...[1, 2, 3].map(() => logIn('carol')),
    ])
    assert.equal(removed.status, 200)
    for (const { browser, code } of logins) {
      if (code !== null) assert.equal((await redeem(code)).access_token, undefined)
      assert.match((await browser.follow(`${served.issuer}/account`)).url, /\/login\//)
    }
  })

  test('is not taken or deleted by forms of other sites', async () => {
    const { browser } = await logIn('ann')
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const init = { method: 'POST', headers, body: new URLSearchParams({ username: 'ann@orchard.test' }) }
    assert.equal((await browser.request(`${served.issuer}/account/delete`, init)).status, 403)
  })
})
