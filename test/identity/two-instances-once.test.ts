import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { hashPassword } from '../../src/crypto/passwords/default-hasher.ts'
import { openPostgresStore } from '../../src/stores/postgres/postgres-store.ts'
import { eventually } from '../support/eventually.ts'
import { type Authenticator, addTotpTo } from '../support/factors.ts'
import { callback, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { describeOnPostgres } from '../support/postgres.ts'

const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url')
const chosen = 'seven owls over a pond'

describeOnPostgres('what is good once is so for two instances on one PostgreSQL', (server) => {
  let one: ServedIdentity
  let two: ServedIdentity

  before(async () => {
    process.env.TEST_DATABASE_URL = await server().createDatabase()
    const identity = '  firstAdministrator: { roles: [admin] }'
    const shared = { data: 'env:TEST_DATABASE_URL', workers: 1, identity }
    one = await serveIdentity(shared)
    two = await serveIdentity({ ...shared, issuerOrigin: one.origin })
  })
  after(async () => {
    await one?.stop()
    await two?.stop()
  })

  const openStore = () => openPostgresStore({ url: process.env.TEST_DATABASE_URL as string })
  /** A browser that has nothing but one instance to ask. */
  const browserAt = (at: ServedIdentity) => new LoginBrowser((url) => url.replace(one.origin, at.origin))

  test('the first administrator, whichever link was printed where', async () => {
    const find = ({ gateway }: ServedIdentity) =>
      /first-administrator\?token=(\S+)$/m.exec(gateway.output())?.[1] as string
    await eventually('both have printed a link', () => [one, two].every((at) => find(at) !== undefined), 20_000)
    const make = (at: ServedIdentity, token: string, username: string) =>
      browserAt(at)
        .submit(`${one.issuer}/first-administrator`, { token, username, 'new-password': chosen })
        .then(({ response }) => response.status)
    const asked = [one, two].flatMap((at) =>
      [one, two].flatMap((link) => [1, 2].map(() => ({ at, token: find(link) }))),
    )
    const statuses = await Promise.all(asked.map(({ at, token }, i) => make(at, token, `root${i}`)))
    assert.deepEqual(statuses.sort(), [200, ...Array.from({ length: asked.length - 1 }, () => 410)])
    const store = await openStore()
    const accounts = await store.accounts.list({ limit: 10 })
    await store.close()
    assert.deepEqual(
      accounts.map(({ roles }) => roles),
      [['admin']],
    )
    for (const { at, token } of asked) assert.equal(await make(at, token, 'late'), 410)
  })

  test('a code of an app', async () => {
    const store = await openStore()
    const nothing = { tenant: null, roles: [], scopes: [], attributes: {}, createdAt: Date.now() }
    const passwordHash = await hashPassword(password)
    const account = 'account-bob'
    await store.accounts.create({ id: account, username: 'bob', passwordHash, ...nothing })
    const app: Authenticator = await addTotpTo(store, account)
    await store.close()
    const query = {
      ...{ client_id: 'cli', response_type: 'code', scope: 'openid', redirect_uri: callback },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    }
    /** Up to the page that asks for the code. */
    async function half(at: ServedIdentity) {
      const browser = browserAt(at)
      const login = await browser.follow(`${one.issuer}/authorize?${new URLSearchParams(query)}`)
      const { url } = await browser.submit(login.url, { username: 'bob', password })
      assert.match(url, /\/factor$/)
      return async (code: string) => {
        const { response } = await browser.submit(url, { factor: 'totp', code })
        const page = await response.text()
        assert.match(page, /was used already|Allow/)
        return page.includes('Allow')
      }
    }
    // Fewer than guesses are allowed.
    const [first, second, third, fourth] = await Promise.all([one, two, one, two].map(half))
    const code = app.code()
    const proved = await Promise.all([first, second].map((prove) => prove?.(code)))
    assert.deepEqual(proved.sort(), [false, true])
    // Neither where it was used, nor where it was not, nor one of before.
    assert.equal(await third?.(code), false)
    assert.equal(await fourth?.(app.code(-1)), false)
    assert.equal(await fourth?.(app.code(1)), true)
  })
})
