import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as client from 'openid-client'
import { createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const redirectUri = 'https://shop.example.test/callback'
const ann = { username: 'ann@example.test', password }

for (const format of ['jwt', 'opaque'] as const) {
  describe(`who a token stands for (${format})`, () => {
    let served: ServedIdentity
    let web: client.Configuration

    before(async () => {
      served = await serveIdentity({ workers: 1, identity: `  accessTokens: { format: ${format} }` })
      await createAccount(served.gateway.folder)
      const attributes = { verifiedAddress: 'Ann@example.test' }
      await createAccount(served.gateway.folder, { id: 'account-ann', username: 'ann@example.test', attributes })
      web = await client.discovery(new URL(served.issuer), 'web', undefined, client.ClientSecretBasic(secrets.web), {
        execute: [client.allowInsecureRequests],
      })
    })
    after(() => served?.stop())

    async function logIn(scope: string, options: { who?: typeof ann; DPoP?: client.DPoPHandle } = {}) {
      const verifier = client.randomPKCECodeVerifier()
      const browser = new LoginBrowser()
      const url = client.buildAuthorizationUrl(web, {
        redirect_uri: redirectUri,
        scope,
        prompt: 'consent',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      const end = new URL(await browser.logIn(url.href, options.who ?? { username: 'alice', password }))
      const dpop = options.DPoP === undefined ? {} : { DPoP: options.DPoP }
      const tokens = await client.authorizationCodeGrant(web, end, { pkceCodeVerifier: verifier }, {}, dpop)
      return { browser, tokens }
    }
    const ask = (token: string, headers: Record<string, string> = {}) =>
      fetch(`${served.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}`, ...headers } })

    test('the token that calls the API also says who it is', async () => {
      const { tokens } = await logIn('openid profile orders:read')
      assert.equal(tokens.scope, 'openid profile orders:read')
      const claims = await client.fetchUserInfo(web, tokens.access_token, 'account-alice')
      assert.deepEqual(claims, { sub: 'account-alice', preferred_username: 'alice' })
      if (format === 'jwt') assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
    })

    test('an address is told where it was verified, and asked for', async () => {
      const { tokens } = await logIn('openid email', { who: ann })
      const claims = await client.fetchUserInfo(web, tokens.access_token, 'account-ann')
      assert.deepEqual(claims, { sub: 'account-ann', email: 'Ann@example.test', email_verified: true })
      const without = await logIn('openid', { who: ann })
      assert.deepEqual(await client.fetchUserInfo(web, without.tokens.access_token, 'account-ann'), {
        sub: 'account-ann',
      })
      const alice = await logIn('openid email')
      assert.deepEqual(await client.fetchUserInfo(web, alice.tokens.access_token, 'account-alice'), {
        sub: 'account-alice',
      })
    })

    test('a refreshed token says so too, and less where less is asked', async () => {
      const { tokens } = await logIn('openid profile offline_access orders:read')
      const less = await client.refreshTokenGrant(web, tokens.refresh_token as string, { scope: 'openid orders:read' })
      assert.deepEqual(await client.fetchUserInfo(web, less.access_token, 'account-alice'), { sub: 'account-alice' })
      const none = await client.refreshTokenGrant(web, less.refresh_token as string, { scope: 'orders:read' })
      assert.equal((await ask(none.access_token)).status, 403)
    })

    test('nobody else learns anything', async () => {
      const { tokens } = await logIn('orders:read')
      const response = await ask(tokens.access_token)
      assert.equal(response.status, 403)
      assert.match(response.headers.get('www-authenticate') ?? '', /insufficient_scope/)
      const batch = await client.discovery(
        new URL(served.issuer),
        'batch',
        undefined,
        client.ClientSecretBasic(secrets.batch),
        { execute: [client.allowInsecureRequests] },
      )
      const machine = await client.clientCredentialsGrant(batch, { scope: 'openid orders:read' })
      for (const bad of [machine.access_token, 'garbage', `${tokens.access_token}x`])
        assert.equal((await ask(bad)).status, 401)
      const inAddress = await fetch(`${served.issuer}/userinfo?access_token=${tokens.access_token}`)
      assert.ok(inAddress.status === 400 || inAddress.status === 401)
    })

    test('a token that was revoked is refused at once, and so is one whose person logged out', async () => {
      const { tokens } = await logIn('openid')
      assert.equal((await ask(tokens.access_token)).status, 200)
      await client.tokenRevocation(web, tokens.access_token)
      assert.equal((await ask(tokens.access_token)).status, 401)

      const other = await logIn('openid')
      const { response } = await other.browser.follow(`${served.issuer}/logout`)
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(await response.text())?.[1] as string
      assert.equal((await ask(other.tokens.access_token)).status, 200)
      await other.browser.submit(`${served.issuer}/logout/confirm`, { xsrf, logout: 'yes' })
      assert.equal((await ask(other.tokens.access_token)).status, 401)
    })

    test('a bound token needs the proof of its key', async () => {
      const key = await client.randomDPoPKeyPair('ES256')
      const DPoP = client.getDPoPHandle(web, key)
      const { tokens } = await logIn('openid', { DPoP })
      assert.equal((await ask(tokens.access_token)).status, 401)
      const claims = await client.fetchUserInfo(web, tokens.access_token, 'account-alice', { DPoP })
      assert.equal(claims.sub, 'account-alice')
      const other = { DPoP: client.getDPoPHandle(web, await client.randomDPoPKeyPair('ES256')) }
      await assert.rejects(client.fetchUserInfo(web, tokens.access_token, 'account-alice', other))
    })
  })
}
