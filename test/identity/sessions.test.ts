import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AdministrationError, openAdministration } from '../../src/index.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { newSession, testCaller } from '../contracts/session-store.ts'
import { eventually } from '../support/eventually.ts'
import { callback, createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { runCli } from '../support/run-cli.ts'

interface View {
  readonly id: string
  readonly type: string
  readonly userAgent: string | null
  readonly [name: string]: unknown
}

const verifier = randomBytes(32).toString('base64url')
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

describe('who is logged in to the identity server, for who administers it', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity({
      identity: `  tenants:
    north:
      clients:
        - { id: cli, scopes: ['orders:read'], redirectUris: ['${callback}'], consent: given }`,
    })
    for (const name of ['alice', 'bob', 'carol'])
      await createAccount(served.gateway.folder, { id: `account-${name}`, username: name })
    await createAccount(served.gateway.folder, { id: 'account-nora', username: 'alice', tenant: 'north' })
  })
  after(() => served?.stop())

  /** Logs in at an application; answers whether what it got still works. */
  async function logIn(username: string, issuer = served.issuer) {
    const browser = new LoginBrowser(undefined, { 'user-agent': firefox })
    const query = new URLSearchParams({
      ...{ client_id: 'cli', response_type: 'code', scope: 'openid orders:read', redirect_uri: callback },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const end = new URL(await browser.logIn(`${issuer}/authorize?${query}`, { username, password }))
    const post = async (fields: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: 'cli', ...fields })
      const response = await fetch(`${issuer}/token`, { method: 'POST', body })
      const { access_token, refresh_token } = (await response.json()) as Record<string, string>
      return { status: response.status, access_token, refresh_token: refresh_token as string }
    }
    const code = end.searchParams.get('code') as string
    const given = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier }
    const { access_token, refresh_token } = await post(given)
    return {
      knowsMe: async () => !(await browser.follow(`${issuer}/account`)).url.includes('/login/'),
      call: async () => (await served.callApi(`Bearer ${access_token}`)).status,
      refresh: async () => (await post({ grant_type: 'refresh_token', refresh_token })).status,
    }
  }
  const cli = (...argv: string[]) => runCli(served.gateway.folder, 'sessions', ...argv)
  const list = async (...argv: string[]) => JSON.parse((await cli('list', ...argv, '--json')).stdout) as View[]
  const isRefused = (login: { call(): Promise<number> }) =>
    eventually('the API refuses it', async () => (await login.call()) === 401, 1000)

  test('are listed by person, beside the sessions with applications, and nothing that is shown opens anything', async () => {
    await logIn('alice')
    const path = join(served.gateway.folder, 'data', 'portcullis.db')
    const store = await openSqliteStore({ path })
    const { createSessionStore } = await import('../../src/stores/session-store.ts')
    const application = newSession({ caller: testCaller({ id: 'account-alice' }), createdAt: Date.now() })
    await createSessionStore(store.db).create(application)
    const kept = await store.db.selectFrom('artefacts').select('digest').where('kind', '=', 'Session').execute()
    store.close()

    const { stdout } = await cli('list', '--user', 'alice')
    const [, first = '', second = ''] = stdout.split('\n')
    assert.match(
      first,
      /^[0-9a-f]{24} +identity +account-alice +http\S+identity +active +20\S+ \S+ .*- +Firefox, Linux/,
    )
    assert.match(second, /^[0-9a-f]{24} +session +account-alice/)
    for (const { digest } of kept) assert.equal(stdout.includes(digest), false)
    const [identity, session] = await list('--user', 'alice')
    assert.deepEqual([identity?.type, identity?.issuer, identity?.tenant], ['identity', served.issuer, null])
    assert.deepEqual(identity?.clients, ['cli'])
    assert.equal(session?.id, application.id)
    assert.deepEqual(await list('--user', 'bob'), [])
    assert.match((await cli('list', '--user', 'bob')).stdout, /^bob is logged in nowhere\.$/m)
  })

  test('one ends by its id, with its grants and tokens, and the others of the person go on', async () => {
    const [one, other] = [await logIn('bob'), await logIn('bob')]
    // In the order of their last use.
    const [, { id } = { id: '' }] = await list('--user', 'bob')
    const done = await cli('revoke', id)
    assert.deepEqual([done.status, done.stdout], [0, 'One session has ended.\n'])
    const [ended, going] = (await one.knowsMe()) ? [other, one] : [one, other]
    await isRefused(ended)
    assert.deepEqual([await ended.refresh(), await ended.knowsMe()], [400, false])
    assert.deepEqual([await going.call(), await going.refresh(), await going.knowsMe()], [200, 200, true])
    const again = await cli('revoke', id)
    assert.equal(again.status, 1)
    assert.match(again.stderr, /There is no session "[0-9a-f]{24}"/)
  })

  test('all of a person end', async () => {
    const logins = [await logIn('carol'), await logIn('carol')]
    const { revoked } = JSON.parse((await cli('revoke', '--user', 'carol', '--json')).stdout) as { revoked: number }
    assert.equal(revoked, 2)
    for (const login of logins) {
      await isRefused(login)
      assert.equal(await login.knowsMe(), false)
    }
    assert.deepEqual(await list('--user', 'carol'), [])
  })

  test('those of a tenant are its own', async () => {
    const issuer = `${served.issuer}/t/north`
    const login = await logIn('alice', issuer)
    const [found] = await list('--user', 'alice', '--tenant', 'north')
    assert.deepEqual([found?.principal, found?.tenant, found?.issuer], ['account-nora', 'north', issuer])
    assert.equal((await list('--user', 'alice')).filter(({ tenant }) => tenant === 'north').length, 0)
    assert.equal((await cli('revoke', found?.id as string)).status, 0)
    assert.deepEqual([await login.refresh(), await login.knowsMe()], [400, false])
    assert.match((await cli('list', '--user', 'bob', '--tenant', 'north')).stderr, /no account "bob" in the tenant/)
  })

  test('a program does the same; the audit trail names it', async () => {
    const config = join(served.gateway.folder, 'portcullis.yaml')
    const administration = await openAdministration({ config, actor: 'back-office:ann' })
    try {
      const { sessions } = administration
      const login = await logIn('carol')
      const [found, ...more] = await sessions.listLogins('account-carol')
      assert.deepEqual([found?.browser, found?.issuer, more], ['Firefox, Linux', served.issuer, []])
      assert.equal(await sessions.revoke(found?.id as string), 'revoked')
      await isRefused(login)
      assert.equal(await sessions.revoke(found?.id as string), 'unknown')
      await assert.rejects(
        sessions.listLogins('nobody'),
        (error) => error instanceof AdministrationError && error.code === 'unknown',
      )
    } finally {
      await administration.close()
    }
    const { stdout } = await runCli(served.gateway.folder, 'audit', 'list', '--json')
    assert.match(stdout, /"back-office:ann"[\s\S]*"login-ended"/)
  })

  test('without the master key, nothing of it can be read, and the message says so', async () => {
    await logIn('bob')
    const key = process.env.TEST_MASTER_KEY as string
    delete process.env.TEST_MASTER_KEY
    try {
      const { status, stderr } = await cli('list', '--user', 'bob')
      assert.equal(status, 1)
      assert.match(stderr, /identity server's things cannot be read: .*TEST_MASTER_KEY/)
    } finally {
      process.env.TEST_MASTER_KEY = key
    }
  })
})
