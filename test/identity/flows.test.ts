import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as client from 'openid-client'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const alice = { username: 'alice', password }
const redirectUri = 'https://shop.example.test/callback'

describe('a client that knows nothing but the issuer', () => {
  let served: ServedIdentity
  let web: client.Configuration
  let batch: client.Configuration

  before(async () => {
    served = await serveIdentity()
    await createAccount(served.gateway.folder)
    const discover = (id: string, secret: string) =>
      client.discovery(new URL(served.issuer), id, undefined, client.ClientSecretBasic(secret), {
        execute: [client.allowInsecureRequests],
      })
    web = await discover('web', secrets.web)
    batch = await discover('batch', secrets.batch)
  })
  after(() => served?.stop())

  /** The whole way of a person from the client and back to it. */
  async function authorize(parameters: Record<string, string> = {}, browser = new LoginBrowser()) {
    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    const url = client.buildAuthorizationUrl(web, {
      redirect_uri: redirectUri,
      scope: 'openid profile orders:read',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...parameters,
    })
    const end = new URL(await browser.logIn(url.href, alice))
    const checks = { pkceCodeVerifier: verifier, expectedState: state }
    return { end, browser, redeem: () => client.authorizationCodeGrant(web, end, checks) }
  }

  test('client credentials: a token that the API accepts, with the roles of the client', async () => {
    const tokens = await client.clientCredentialsGrant(batch, { scope: 'orders:read' })
    assert.equal(tokens.expires_in, 600)
    const response = await served.callApi(`Bearer ${tokens.access_token}`)
    assert.equal(response.status, 200, await response.clone().text())
  })

  test('a scope that the client may not ask for is not in the token', async () => {
    const tokens = await client.clientCredentialsGrant(batch, { scope: 'orders:read orders:write' })
    assert.equal(tokens.scope, 'orders:read')
  })

  test('a person logs in, agrees, and the client calls the API', async () => {
    const { redeem, end } = await authorize()
    assert.equal(end.searchParams.get('iss'), served.issuer)
    const tokens = await redeem()
    assert.equal(tokens.claims()?.sub, 'account-alice')
    assert.equal(tokens.claims()?.preferred_username, 'alice')
    assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
  })

  test('whoever is logged in and has agreed is not asked again', async () => {
    const { browser } = await authorize()
    const { end } = await authorize({ prompt: 'none' }, browser)
    assert.ok(end.searchParams.has('code'), end.href)
  })

  test('a code that comes twice opens nothing, and what it opened before is closed', async () => {
    const { redeem } = await authorize()
    const tokens = await redeem()
    assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
    await assert.rejects(redeem(), { error: 'invalid_grant' })
    await eventually(
      'the API refuses it',
      async () => (await served.callApi(`Bearer ${tokens.access_token}`)).status === 401,
      1000,
    )
  })

  test('refresh tokens are good for one use; one that comes twice ends the line', async () => {
    const { redeem } = await authorize({ scope: 'openid offline_access orders:read', prompt: 'consent' })
    const first = await redeem()
    const second = await client.refreshTokenGrant(web, first.refresh_token as string)
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.equal((await served.callApi(`Bearer ${second.access_token}`)).status, 200)
    await assert.rejects(client.refreshTokenGrant(web, first.refresh_token as string), { error: 'invalid_grant' })
    await assert.rejects(client.refreshTokenGrant(web, second.refresh_token as string), { error: 'invalid_grant' })
    await eventually(
      'the API refuses it',
      async () => (await served.callApi(`Bearer ${second.access_token}`)).status === 401,
      1000,
    )
  })

  test('a signed access token is looked into, revoked, and refused within a second', async () => {
    const { redeem } = await authorize()
    const { access_token: token } = await redeem()
    const told = await client.tokenIntrospection(web, token)
    assert.equal(told.active, true)
    assert.equal(told.sub, 'account-alice')
    assert.equal(told.client_id, 'web')
    await client.tokenRevocation(web, token)
    await eventually('the API refuses it', async () => (await served.callApi(`Bearer ${token}`)).status === 401, 1000)
    assert.equal((await client.tokenIntrospection(web, token)).active, false)
  })

  test('who revoked a token gets another one that is good', async () => {
    const { redeem, browser } = await authorize()
    const { access_token: token } = await redeem()
    await client.tokenRevocation(web, token)
    const again = await authorize({}, browser)
    const { access_token: other } = await again.redeem()
    assert.equal((await served.callApi(`Bearer ${other}`)).status, 200)
    assert.equal((await served.callApi(`Bearer ${token}`)).status, 401)
  })

  test('the token of a client that stands for nobody is revoked too', async () => {
    const { access_token: token } = await client.clientCredentialsGrant(batch, { scope: 'orders:read' })
    assert.equal((await client.tokenIntrospection(batch, token)).active, true)
    await client.tokenRevocation(batch, token)
    await eventually('the API refuses it', async () => (await served.callApi(`Bearer ${token}`)).status === 401, 1000)
  })

  test('nobody looks into the tokens of others, or ends them', async () => {
    const { redeem } = await authorize()
    const { access_token: token } = await redeem()
    assert.equal((await client.tokenIntrospection(batch, token)).active, false)
    await assert.rejects(client.tokenRevocation(batch, token))
    assert.equal((await served.callApi(`Bearer ${token}`)).status, 200)
  })

  test('an authorization request is pushed first', async () => {
    const verifier = client.randomPKCECodeVerifier()
    const url = await client.buildAuthorizationUrlWithPAR(web, {
      redirect_uri: redirectUri,
      scope: 'openid orders:read',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri'])
    const end = new URL(await new LoginBrowser().logIn(url.href, alice))
    const tokens = await client.authorizationCodeGrant(web, end, { pkceCodeVerifier: verifier })
    assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
  })

  test('with DPoP, the token is bound to a key', async () => {
    const key = await client.randomDPoPKeyPair('ES256')
    const DPoP = client.getDPoPHandle(batch, key)
    const tokens = await client.clientCredentialsGrant(batch, { scope: 'orders:read' }, { DPoP })
    assert.equal(tokens.token_type, 'dpop')
    assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 401)
    const bound = await client.fetchProtectedResource(
      batch,
      tokens.access_token,
      new URL(`${served.origin}/bound`),
      'GET',
      undefined,
      undefined,
      { DPoP },
    )
    assert.equal(bound.status, 200)
  })

  test('a resource that there is not is refused', async () => {
    await assert.rejects(client.clientCredentialsGrant(batch, { resource: 'https://elsewhere.example.test/' }), {
      error: 'invalid_target',
    })
  })

  test('logging out ends the login and the tokens of it', async () => {
    const { redeem, browser } = await authorize()
    const tokens = await redeem()
    const url = client.buildEndSessionUrl(web, {
      id_token_hint: tokens.id_token as string,
      post_logout_redirect_uri: 'https://shop.example.test/bye',
    })
    const { response } = await browser.follow(url.href)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await response.text())?.[1] as string
    const { url: end } = await browser.submit(`${served.issuer}/logout/confirm`, { xsrf, logout: 'yes' })
    assert.equal(end, 'https://shop.example.test/bye')
    await eventually(
      'the API refuses it',
      async () => (await served.callApi(`Bearer ${tokens.access_token}`)).status === 401,
      1000,
    )
    const again = await browser.follow(url.href)
    assert.notEqual(again.response.status, 500)
  })
})
