import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { hashPassword } from '../../src/crypto/passwords/default-hasher.ts'
import { openPostgresStore } from '../../src/stores/postgres/postgres-store.ts'
import { eventually } from '../support/eventually.ts'
import { password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { describeOnPostgres } from '../support/postgres.ts'
import { runCli } from '../support/run-cli.ts'

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const redirectUri = 'https://shop.example.test/callback'

describeOnPostgres('two instances on one PostgreSQL', (server) => {
  let one: ServedIdentity
  let two: ServedIdentity

  before(async () => {
    process.env.TEST_DATABASE_URL = await server().createDatabase()
    const shared = { data: 'env:TEST_DATABASE_URL', workers: 1, clients: ['{ id: tv, grants: [deviceCode] }'] }
    one = await serveIdentity(shared)
    two = await serveIdentity({ ...shared, issuerOrigin: one.origin })
    const store = await openPostgresStore({ url: process.env.TEST_DATABASE_URL })
    const nothing = { tenant: null, roles: [], scopes: [], attributes: {}, createdAt: Date.now() }
    const passwordHash = await hashPassword(password)
    await store.accounts.create({ id: 'account-alice', username: 'alice', passwordHash, ...nothing })
    await store.close()
  })
  after(async () => {
    await one?.stop()
    await two?.stop()
  })

  const ask = async (
    at: ServedIdentity,
    path: string,
    fields: Record<string, string>,
    [id, secret]: [string, string],
  ) => {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const body = new URLSearchParams(fields)
    const response = await fetch(`${at.origin}/identity${path}`, { method: 'POST', headers: { authorization }, body })
    const text = await response.text()
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> }
  }
  const web: [string, string] = ['web', secrets.web]

  test('they sign with the same key', async () => {
    const [a, b] = await Promise.all(
      [one, two].map(async ({ origin }) => (await fetch(`${origin}/identity/jwks`)).json()),
    )
    assert.deepEqual(a, b)
    assert.equal((a as { keys: unknown[] }).keys.length, 1)
  })

  test('they serve one login between them; what one revokes the other refuses', async () => {
    let turn = 0
    const alternate = (url: string) => (turn++ % 2 ? url.replace(one.origin, two.origin) : url)
    const query = new URLSearchParams({
      client_id: 'web',
      response_type: 'code',
      scope: 'openid orders:read',
      redirect_uri: redirectUri,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    const end = await new LoginBrowser(alternate).logIn(`${one.issuer}/authorize?${query}`, {
      username: 'alice',
      password,
    })
    const code = new URL(end).searchParams.get('code') as string
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
    const { status, body } = await ask(two, '/token', redeem, web)
    assert.equal(status, 200, JSON.stringify(body))
    const bearer = `Bearer ${body.access_token}`
    for (const instance of [one, two]) assert.equal((await instance.callApi(bearer)).status, 200)
    const use = { grant_type: 'refresh_token', refresh_token: body.refresh_token as string }
    const renewed = await Promise.all([one, two, one, two].map((instance) => ask(instance, '/token', use, web)))
    assert.ok(renewed.filter(({ status }) => status === 200).length <= 1)
    for (const instance of [one, two]) {
      await eventually('it is refused', async () => (await instance.callApi(bearer)).status === 401, 2000)
    }
  })

  test('they let one device in between them', async () => {
    const post = async (at: ServedIdentity, path: string, fields: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: 'tv', ...fields })
      return (await fetch(`${at.origin}/identity${path}`, { method: 'POST', body })).json() as Promise<
        Record<string, string>
      >
    }
    const started = await post(one, '/device_authorization', { scope: 'openid' })
    const code = started.user_code as string
    let turn = 0
    const browser = new LoginBrowser((url) => (turn++ % 2 ? url.replace(one.origin, two.origin) : url))
    const address = `${one.issuer}/device`
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await (await browser.request(address)).text())?.[1] as string
    const login = await browser.submit(address, { xsrf, user_code: code, confirm: 'yes' })
    const consent = await browser.submit(login.url, { username: 'alice', password })
    const end = await browser.submit(`${consent.url}/consent`, {})
    assert.match(await end.response.text(), /Your device is connected/)
    const grant = 'urn:ietf:params:oauth:grant-type:device_code'
    const redeem = { grant_type: grant, device_code: started.device_code as string }
    const answers = await Promise.all([one, two, one, two].map((instance) => post(instance, '/token', redeem)))
    assert.ok(answers.filter(({ access_token }) => access_token !== undefined).length <= 1)
    assert.ok(answers.some(({ error }) => error === 'invalid_grant'))
  })

  test('a client that the command line adds is served at once, with both secrets while they overlap', async () => {
    const cli = async (...args: string[]) => {
      const { status, stdout, stderr } = await runCli(one.gateway.folder, 'clients', ...args, '--json')
      assert.equal(status, 0, stderr)
      return JSON.parse(stdout) as { secret: string }
    }
    const { secret } = await cli('add', 'nightly', '--grant', 'clientCredentials')
    const grant = { grant_type: 'client_credentials' }
    assert.equal((await ask(two, '/token', grant, ['nightly', secret])).status, 200)
    const { secret: other } = await cli('rotate', 'nightly')
    for (const each of [secret, other]) assert.equal((await ask(two, '/token', grant, ['nightly', each])).status, 200)
    await cli('rotate', 'nightly', '--overlap', '0s')
    for (const each of [secret, other]) assert.equal((await ask(one, '/token', grant, ['nightly', each])).status, 401)
    await cli('remove', 'nightly')
    assert.equal((await ask(one, '/token', grant, ['nightly', other])).status, 401)
  })

  test('while the store is away no token is issued, and it says so; then it is back', { timeout: 60_000 }, async () => {
    const grant = { grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri, code_verifier: verifier }
    await server().halt()
    const { status, body } = await ask(one, '/token', grant, web)
    assert.ok(status >= 500, `${status}`)
    assert.equal(body.access_token, undefined)
    await server().start()
    await eventually(
      'it is back',
      async () => (await ask(one, '/token', grant, web)).body.error === 'invalid_grant',
      20_000,
    )
  })
})
