import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { findLink, readMails } from '../support/mail-folder.ts'
import { runCli } from '../support/run-cli.ts'

const redirectUri = 'https://shop.example.test/callback'

describe('a client that is told of logouts', () => {
  let served: ServedIdentity
  let server: Server
  const told: string[] = []
  /** What it answers, one after the other; then 200. */
  const answers: number[] = []

  before(async () => {
    server = createServer(async (request, response) => {
      told.push(await text(request))
      response.writeHead(answers.shift() ?? 200).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`
    const common = `secret: env:TEST_WEB_SECRET, redirectUris: ['${redirectUri}'], consent: given, allowPlainHttp: { reason: a test }`
    served = await serveIdentity({
      workers: 1,
      identity: '  mail: { folder: mails }',
      clients: [
        `{ id: told, ${common}, backchannelLogoutUri: '${uri}', allowPrivateAddress: { reason: a test } }`,
        `{ id: refused, ${common}, backchannelLogoutUri: '${uri}' }`,
      ],
    })
    await createAccount(served.gateway.folder)
  })
  after(async () => {
    await served?.stop()
    server?.close()
  })

  async function logIn(id: string, username: string) {
    const config = await client.discovery(
      new URL(served.issuer),
      id,
      undefined,
      client.ClientSecretBasic(secrets.web),
      { execute: [client.allowInsecureRequests] },
    )
    assert.equal(config.serverMetadata().backchannel_logout_supported, true)
    const browser = new LoginBrowser()
    const verifier = client.randomPKCECodeVerifier()
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const end = new URL(await browser.logIn(url.href, { username, password }))
    const tokens = await client.authorizationCodeGrant(config, end, { pkceCodeVerifier: verifier })
    return { browser, claims: tokens.claims() }
  }

  async function logInAndOut(id: string, username = 'alice') {
    const { browser, claims } = await logIn(id, username)
    const { response } = await browser.follow(`${served.issuer}/logout`)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await response.text())?.[1] as string
    const began = performance.now()
    const { response: done } = await browser.submit(`${served.issuer}/logout/confirm`, { xsrf, logout: 'yes' })
    assert.equal(done.status, 200)
    return { claims, took: performance.now() - began }
  }

  test('it gets a signed token that names the person and the login, once more where it fails, and nobody waits', async () => {
    answers.push(500)
    const { claims } = await logInAndOut('told')
    await eventually('it is told twice', () => told.length === 2, 8000)
    const form = new URLSearchParams(told[1])
    const keys = createRemoteJWKSet(new URL(`${served.issuer}/jwks`))
    const { payload, protectedHeader } = await jwtVerify(form.get('logout_token') as string, keys, {
      issuer: served.issuer,
      audience: 'told',
      typ: 'logout+jwt',
    })
    assert.equal(protectedHeader.alg, 'ES256')
    assert.equal(payload.sub, 'account-alice')
    assert.equal(payload.sid, claims?.sid)
    assert.ok(payload.sid && payload.jti && payload.exp)
    assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
    assert.equal(payload.nonce, undefined)
  })

  test('it is told as well when a login is ended on the account page, everywhere, by a new password or for ever', async () => {
    const pages = {
      one: async (browser: LoginBrowser) => {
        const { response } = await browser.follow(`${served.issuer}/account/sessions`)
        const id = /name="session" value="([0-9a-f]{24})"/.exec(await response.text())?.[1] as string
        return browser.submit(`${served.issuer}/account/sessions`, { session: id })
      },
      all: (browser: LoginBrowser) => browser.submit(`${served.issuer}/account/sessions/all`, {}),
      password: (browser: LoginBrowser, username: string) =>
        browser.submit(`${served.issuer}/password`, { username, password, 'new-password': 'seven owls over a pond' }),
      removal: (browser: LoginBrowser, username: string) =>
        browser.submit(`${served.issuer}/account/delete`, { username }),
    }
    for (const [username, end] of Object.entries(pages)) {
      await createAccount(served.gateway.folder, { id: `account-${username}`, username })
      told.length = 0
      const { browser, claims } = await logIn('told', username)
      assert.equal((await end(browser, username)).response.status, 200, username)
      await eventually(`it is told (${username})`, () => told.length === 1, 8000)
      const { sub, sid } = decodeJwt(new URLSearchParams(told[0]).get('logout_token') as string)
      assert.deepEqual([sub, sid], [`account-${username}`, claims?.sid])
    }
  })

  test('it is told as well of what the command line ends, and of a password that was reset by mail', async () => {
    const { folder } = served.gateway
    const newPassword = 'seven owls over a pond'
    const ends: Record<string, (username: string) => Promise<unknown>> = {
      one: async (username) => {
        const { stdout } = await runCli(folder, 'sessions', 'list', '--user', username, '--json')
        return runCli(folder, 'sessions', 'revoke', (JSON.parse(stdout) as { id: string }[])[0]?.id as string)
      },
      all: (username) => runCli(folder, 'sessions', 'revoke', '--user', username),
      'sign-out': (username) => runCli(folder, 'users', 'sign-out', username),
      disable: (username) => runCli(folder, 'users', 'disable', username),
      password: (username) => runCli(folder, 'users', 'password', username, '--remove'),
      remove: (username) => runCli(folder, 'users', 'remove', username),
      reset: async (username) => {
        const browser = new LoginBrowser()
        await browser.submit(`${served.issuer}/reset`, { email: username })
        const [mail = ''] = await readMails(join(folder, 'mails'), username, 1)
        const token = new URL(findLink(mail)).searchParams.get('token') ?? ''
        const { response } = await browser.submit(`${served.issuer}/reset/confirm`, {
          ...{ token, 'new-password': newPassword },
        })
        assert.equal(response.status, 200)
      },
    }
    for (const [name, end] of Object.entries(ends)) {
      const username = `${name}@orchard.test`
      await createAccount(folder, { id: `account-${username}`, username })
      const { claims } = await logIn('told', username)
      told.length = 0
      await end(username)
      await eventually(`it is told (${name})`, () => told.length === 1, 8000)
      const { sub, sid } = decodeJwt(new URLSearchParams(told[0]).get('logout_token') as string)
      assert.deepEqual([sub, sid], [`account-${username}`, claims?.sid])
    }
    // Of all of it, nobody is told twice.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal(told.length, 1)
  })

  test('who does not answer is told later, and what ends while no gateway runs is told when one does', async () => {
    const { folder } = served.gateway
    for (const username of ['dora', 'emil', 'fay']) await createAccount(folder, { id: `account-${username}`, username })
    for (const username of ['dora', 'emil']) await logIn('told', username)
    told.length = 0
    answers.push(503)
    await runCli(folder, 'users', 'sign-out', 'dora')
    await eventually('it is told once more', () => told.length === 2, 20_000)
    answers.push(503)
    await logInAndOut('told', 'fay')
    await eventually('it is told of a logout', () => told.length === 3)
    await served.gateway.killAndRestart(async () => {
      await runCli(folder, 'users', 'sign-out', 'emil')
      assert.equal(told.length, 3)
    })
    await eventually('both are told after the start', () => told.length === 5, 30_000)
    const subjects = told.map((form) => decodeJwt(new URLSearchParams(form).get('logout_token') as string).sub)
    assert.deepEqual(subjects.slice(0, 3), ['account-dora', 'account-dora', 'account-fay'])
    assert.deepEqual(subjects.slice(3).sort(), ['account-emil', 'account-fay'])
  })

  test('an address on a private network is not called unless the file says so; the logout goes on', async () => {
    told.length = 0
    const { took } = await logInAndOut('refused')
    assert.ok(took < 5000)
    await eventually('it is said', () => served.gateway.output().includes('logout_not_told'), 12_000)
    assert.equal(told.length, 0)
  })
})
